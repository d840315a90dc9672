/** Where: the page, the browser and the campaign, in the fields of Segment's spec. */
import { version } from "../package.json";

let referrer = document.referrer;

export function currentPage(): string {
  return location.pathname + location.search;
}

export function pageProperties(): object {
  return { path: location.pathname, url: location.href, title: document.title, referrer };
}

let latest = location.href;

/** In pages that change without loading, the page seen before is the referrer. */
export function rememberPage(): void {
  if (latest !== location.href) referrer = latest;
  latest = location.href;
}

function campaign(): object | undefined {
  const found: Record<string, string> = {};
  new URLSearchParams(location.search).forEach((value, name) => {
    if (name.startsWith("utm_")) found[name === "utm_campaign" ? "name" : name.slice(4)] = value;
  });
  return Object.keys(found).length ? found : undefined;
}

export function context() {
  return {
    library: { name: "footfall.js", version },
    page: pageProperties(),
    userAgent: navigator.userAgent,
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    campaign: campaign(),
  };
}
