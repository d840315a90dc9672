/**
 * What a shop's page loads: `<script defer src="https://collector.example/footfall.js" data-key="wk1.…"></script>`.
 *
 * Calls before it has loaded: `(window.footfall = window.footfall || []).push(["track", "Product Viewed", {...}])`.
 */
import { version } from "../package.json";
import { context, currentPage, pageProperties, rememberPage } from "./page";
import { add, hurry, leave, startQueue } from "./queue";
import { forget, identity, nameUser, uuid } from "./visitor";

type Properties = Record<string, unknown>;
type Call = ["track" | "page" | "identify" | "reset", ...unknown[]];
type Door = { push(...calls: Call[]): void; version?: string };

const script = document.currentScript as HTMLScriptElement | null;
const waiting = (window as unknown as { footfall?: Call[] & Door }).footfall;

function send(type: string, fields: object): void {
  add({
    type,
    messageId: uuid(),
    timestamp: new Date().toISOString(),
    ...identity(),
    ...fields,
    context: context(),
  });
}

const footfall = {
  version,
  track(event: string, properties: Properties = {}): void {
    send("track", { event, properties });
  },
  page(properties: Properties = {}): void {
    rememberPage();
    send("page", { properties: { ...pageProperties(), ...properties } });
  },
  identify(userId?: string | null, traits: Properties = {}): void {
    nameUser(userId);
    send("identify", { traits });
  },
  reset: forget,
  push(...calls: Call[]): void {
    for (const [name, ...given] of calls) (footfall[name] as (...values: unknown[]) => void)(...given);
  },
};

let seen = "";

function viewPage(): void {
  const now = currentPage();
  if (now !== seen) {
    seen = now;
    footfall.page();
  }
}

/** A router often replaces the address it has just pushed: that is one page, so the address is read a moment later. */
function watchAddress(): void {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (...given) {
      original.apply(this, given);
      setTimeout(viewPage);
    };
  }
  addEventListener("popstate", () => setTimeout(viewPage));
}

function watchLeaving(): void {
  addEventListener("pagehide", () => {
    viewPage();
    leave();
  });
  addEventListener("pageshow", (event) => event.persisted && footfall.page());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && hurry());
}

function start(endpoint: string, key: string): void {
  (window as unknown as { footfall: Door }).footfall = footfall;
  startQueue(endpoint, key);
  watchAddress();
  watchLeaving();
  const isPrerendered = (document as Document & { prerendering?: boolean }).prerendering;
  if (isPrerendered) document.addEventListener("prerenderingchange", viewPage, { once: true });
  else viewPage();
  if (Array.isArray(waiting)) footfall.push(...waiting);
}

if (!script?.dataset.key) console.warn("footfall: the script needs its data-key");
else if (!waiting?.version) start(new URL("/v1/batch", script.src).href, script.dataset.key);
