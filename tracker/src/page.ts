/** Where: the page, the browser and the campaign, in the fields of Segment's spec. */
import { version } from "../package.json";

let seen = "";
let referrer = document.referrer;
let deepest = 0;

/** The address where it is another one than before; then the page before is the referrer. */
export function newPage(): string | undefined {
  const now = location.href.split("#")[0];
  if (now === seen) return;
  referrer = seen || referrer;
  deepest = 0;
  return (seen = now);
}

/** How many quarters of the page were seen, in percent; undefined where it was told before. Browsers end a fraction of a pixel short. */
export function newDepth(): number | undefined {
  const reached = (((4 * (scrollY + innerHeight + 1)) / document.documentElement.scrollHeight) | 0) * 25;
  if (reached > deepest) return (deepest = reached);
}

export function pageProperties(): object {
  return { path: location.pathname, url: location.href, title: document.title, referrer };
}

/** Without the user agent, which stands in the head of each request. */
export function context(): Record<string, unknown> {
  let campaign: Record<string, string> | undefined;
  for (const [name, value] of new URLSearchParams(location.search) as any)
    if (name.startsWith("utm_")) (campaign ||= {})[name.slice(4).replace("campaign", "name")] = value;
  return {
    library: { name: "footfall.js", version },
    page: pageProperties(),
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    campaign,
  };
}
