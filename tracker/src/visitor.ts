/** Who is counted, and how: a cookie holds the visitor's answer and, where that allows one, a random id. */
import { allowKeeping, drop, store } from "./kept";
import { isOurs, NAME, options } from "./options";

export const USER = `${NAME}.user`;
/** The answer of the shop's own people, by the link `#footfall=off`; only `#footfall=on` takes it back. */
const OFF = "off";
const enum Limit {
  /** Nearly a year. */
  COOKIE_SECONDS = 30000000,
  /** How long a link carries a visitor: one that is sent to a friend must not. */
  CARRIED_MS = 60000,
}

/** `full`, `cookieless` (nothing is kept but the answer) or `wait` (for an answer); with anything else nothing is sent. */
export let mode: string;

let answer: string;
let id: string;

export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/** An empty cookie is deleted. */
function save(): void {
  document.cookie = `${NAME}=${answer}.${id};path=/;samesite=lax;max-age=${answer || id ? Limit.COOKIE_SECONDS : 0}`;
}

export function identity(): { anonymousId: string; userId?: string } {
  if (!id) {
    id = randomId();
    save();
  }
  return { anonymousId: id, userId: store[USER] };
}

export function forget(): void {
  drop([USER]);
  id = "";
  save();
}

/** What the browser itself says comes first, then the visitor's answer, then what the shop has chosen. */
export function consent(given: string): void {
  if (answer !== OFF) answer = given;
  const isRefused = (navigator as any).globalPrivacyControl || (navigator.doNotTrack as any) > 0;
  mode = isRefused || !isOurs(location.hostname) ? OFF : answer || options.mode || "full";
  if (mode !== "full") id = "";
  allowKeeping(mode === "full");
  save();
}

/** The address with the visitor at its end, where it leads to another host of the shop and has no end of its own. */
export function carried(address: string): string {
  const url = new URL(address, location.href);
  return mode === "full" && url.host !== location.host && isOurs(url.hostname) && !url.hash
    ? `${url}#${NAME}=${identity().anonymousId}.${Date.now()}`
    : address;
}

/**
 * What is known as the page is shown: from the cookie, and from the end of the page's address, which may bring a visitor
 * from another host of the shop, or the word of the shop's people.
 */
export function arrive(): void {
  [, answer = "", id = ""] = document.cookie.match(`(?:^|; )${NAME}=(\\w*)\\.([\\d-]*)`) || [];
  const [, word, since] = location.hash.match(`^#${NAME}=(on|off|[\\d-]+)\\.?(\\d*)$`) || [];
  if (word && !since) {
    alert(location.hash);
    answer = word === OFF ? word : answer.replace(OFF, "");
  }
  consent(answer);
  if (word) history.replaceState(history.state, "", location.href.split("#")[0]);
  if (Math.abs(Date.now() - (since as any)) < Limit.CARRIED_MS) {
    id = word;
    if (mode === "full") save();
  }
}
