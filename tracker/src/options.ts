/** What the shop asks for, by data attributes of the script's own element. */

const script = document.currentScript as HTMLScriptElement;
export const options: DOMStringMap = script.dataset;

/** The name of `window.footfall`, of the cookie, and the beginning of every name that is kept in the browser. */
export const NAME = options.name || "footfall";

export const ENDPOINT = new URL(options.endpoint || "/v1/batch", script.src);

const hosts = (options.hosts || location.hostname).match(/\S+/g);

/** The host, or a domain above it, stands in `data-hosts`; without that, the page's own host is the shop's. */
export function isOurs(host: string): boolean | undefined {
  return hosts?.some((ours) => `.${host}`.endsWith(`.${ours}`));
}
