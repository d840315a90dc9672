/** Messages on their way: each is kept under a name of its own until the collector has said that it has it. */
import { drop, keep, namesOf, store } from "./kept";
import { ENDPOINT, NAME, options } from "./options";

export type Message = {
  messageId: string;
  timestamp: string;
  context: Record<string, unknown>;
  [field: string]: unknown;
};

const MESSAGE = `${NAME}.m`;
/** Until when nothing is sent, by any page: in milliseconds since 1970. */
const PAUSE = `${NAME}.pause`;

const enum Limit {
  MESSAGES = 500,
  /** Browsers bound what a leaving page may send to 64 KB. */
  REQUEST_CHARACTERS = 16000,
  GATHER_MS = 500,
  FIRST_PAUSE_MS = 500,
  BACK_OFF_MS = 32000,
  PAUSE_MS = 3600000,
  OFFLINE_MS = 2000,
  SETTLE_MS = 200,
}

let backOffMs: number = Limit.FIRST_PAUSE_MS;
let underWay: string[] = [];
let waiting: number;

/** Names of the messages of the next request, the oldest first. */
function next(): string[] {
  let characters = 0;
  return namesOf(MESSAGE)
    .filter((name) => !underWay.includes(name))
    .filter((name, index) => (characters += store[name].length) < Limit.REQUEST_CHARACTERS || !index);
}

function body(names: string[]): string {
  return `{"writeKey":"${options.key}","sentAt":"${new Date().toISOString()}","batch":[${names.map((name) => store[name])}]}`;
}

/** One page of the shop sends at a time, so that none sends what another one has under way. */
export function flush(): void {
  navigator.locks?.request(NAME, send) || send();
}

async function send(): Promise<void> {
  const left = navigator.onLine ? +store[PAUSE] - Date.now() : Limit.OFFLINE_MS;
  if (left > 0 && left <= Limit.PAUSE_MS) {
    clearTimeout(waiting);
    waiting = setTimeout(flush, left);
    return;
  }
  if (underWay.length || !(underWay = next()).length) return;
  const content = body(underWay);
  const keepalive = content.length < Limit.REQUEST_CHARACTERS + 1000;
  let answer: Response | undefined;
  try {
    answer = await fetch(ENDPOINT, { method: "POST", body: content, keepalive });
    // what is not read counts as under way for ever, and browsers allow only 64 KB of keepalive requests at a time
    await answer.text();
  } catch {}
  if (/408|429|5../.test((answer?.status || 500) as any)) {
    const askedMs = +answer?.headers.get("retry-after")! * 1000 || 0;
    if (backOffMs < Limit.BACK_OFF_MS) backOffMs *= 2;
    keep(PAUSE, Date.now() + Math.min(Math.max(askedMs, backOffMs * (1 + Math.random())), Limit.PAUSE_MS));
  } else {
    // the collector has them, or will never take them
    drop([...underWay, PAUSE]);
    backOffMs = Limit.FIRST_PAUSE_MS;
    // other pages, in processes of their own, see only a moment later what was removed
    await new Promise((seen) => setTimeout(seen, Limit.SETTLE_MS));
  }
  underWay = [];
  flush();
}

/** The page goes away: what is not under way is given to the browser to send. While the collector fails it stays here. */
export function leave(): void {
  let names;
  while (navigator.onLine && !store[PAUSE] && (names = next()).length && navigator.sendBeacon(ENDPOINT, body(names)))
    drop(names);
}

export function add(message: Message): void {
  keep(MESSAGE + message.timestamp + message.messageId, JSON.stringify(message));
  drop(namesOf(MESSAGE).slice(0, -Limit.MESSAGES));
  setTimeout(flush, Limit.GATHER_MS);
}
