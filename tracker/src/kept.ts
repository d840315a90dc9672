/** Values kept between pages, where visitor and browser allow it: in localStorage, else in memory for this page. */
import { NAME } from "./options";

export let store: Record<string, string> = {};

export function keep(name: string, value: string | number): void {
  try {
    (store as any)[name] = value;
  } catch {
    store = { [name]: value as any };
  }
}

export function drop(names: string[]): void {
  for (const name of names) delete store[name];
}

/** In the order of the alphabet. */
export function namesOf(beginning: string): string[] {
  return Object.keys(store)
    .filter((name) => name.startsWith(beginning))
    .sort();
}

/** Whether values may outlive the page: those of the page so far come along, or everything of ours leaves the browser. */
export function allowKeeping(isAllowed: boolean): void {
  try {
    if (store !== (localStorage as any)) store = Object.assign(localStorage, store);
  } catch {}
  if (!isAllowed) {
    drop(namesOf(`${NAME}.`));
    store = {};
  }
}
