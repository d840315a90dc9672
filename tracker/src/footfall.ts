/** What a shop's page loads: `<script defer src="https://collector.example/footfall.js" data-key="wk1.…"></script>`. */
import { PURCHASE_EVENTS } from "./commerce";
import { newPage, pageProperties } from "./page";
import { arrive, carried, consent, forget, USER } from "./visitor";
import { watchFollowing } from "./automatic";
import { held, pass, send, track } from "./messages";
import { flush, leave } from "./queue";
import { keep } from "./kept";
import { version } from "../package.json";
import { NAME, options } from "./options";
import type { Footfall } from "../types/footfall";

const footfall = {
  version,
  track,
  page(properties): void {
    send("page", { properties: { ...pageProperties(), ...properties } });
  },
  identify(userId, traits): void {
    if (userId) keep(USER, userId);
    send("identify", { traits });
  },
  reset: forget,
  consent(answer): void {
    consent(answer);
    held.splice(0).forEach(pass);
  },
  link: carried,
  push(...calls): void {
    for (const [name, ...given] of calls) (footfall as any)[name]?.(...given);
  },
} as Footfall;
// `productAdded` is the call of "Product Added"
for (const event of PURCHASE_EVENTS)
  (footfall as any)[event[0].toLowerCase() + event.slice(1).replace(" ", "")] = (properties?: object) =>
    track(event, { currency: options.currency, ...properties });

function viewPage(): void {
  if (newPage()) footfall.page();
}

/** A router often replaces the address it has just pushed: that is one page, so the address is read a moment later. */
const viewPageSoon = () => setTimeout(viewPage);

function watchPage(): void {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...given) => {
      original.apply(history, given);
      viewPageSoon();
    };
  }
  addEventListener("popstate", viewPageSoon);
  // a moment later: of a page that is left Firefox would keep the turn to send for as long as one can go back to it
  addEventListener("visibilitychange", () => setTimeout(flush));
  addEventListener("pagehide", () => {
    viewPage();
    leave();
  });
  // of a tab that closes Firefox may end the function that is running, and then calls the next one
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    arrive();
    footfall.page();
  });
}

function start(): void {
  const early = (window as any)[NAME] || [];
  if (!Array.isArray(early)) return;
  (window as any)[NAME] = footfall;
  arrive();
  watchPage();
  watchFollowing();
  viewPage();
  footfall.push(...early);
}

if ((document as any).prerendering) (document as any).onprerenderingchange = start;
else start();
