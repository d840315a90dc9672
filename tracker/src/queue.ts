/** Messages on their way: kept in localStorage until the collector has said that it has them. */
import { keep, kept } from "./kept";

type Message = { messageId: string; [field: string]: unknown };

const QUEUE = "footfall.queue";
const QUEUE_MESSAGES = 500;
/** Characters of one request; browsers bound what a leaving page may send to 64 KB. */
const REQUEST_CHARACTERS = 16000;
const GATHER_MS = 500;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60000;

let endpoint: string;
let writeKey: string;
let timer: number | undefined;
let failures = 0;
let underWay: Message[] = [];

function queued(): Message[] {
  try {
    return JSON.parse(kept(QUEUE) || "[]");
  } catch {
    return [];
  }
}

function remove(sent: Message[]): void {
  const ids = new Set(sent.map((message) => message.messageId));
  keep(QUEUE, JSON.stringify(queued().filter((message) => !ids.has(message.messageId))));
}

function nextRequest(): Message[] {
  const ids = new Set(underWay.map((message) => message.messageId));
  let characters = 0;
  return queued()
    .filter((message) => !ids.has(message.messageId))
    .filter((message, index) => (characters += JSON.stringify(message).length) < REQUEST_CHARACTERS || !index);
}

function body(batch: Message[]): string {
  return JSON.stringify({ writeKey, sentAt: new Date().toISOString(), batch });
}

function flushIn(milliseconds: number): void {
  if (timer === undefined) timer = window.setTimeout(flush, milliseconds);
}

function waitMs(answer?: Response): number {
  const asked = Number(answer?.headers.get("retry-after")) * 1000 || 0;
  const backOff = Math.min(FIRST_WAIT_MS * 2 ** failures++, LONGEST_WAIT_MS);
  return Math.max(asked, backOff * (0.5 + Math.random() / 2));
}

/** What the collector has, or will never take, leaves the queue; everything else is sent again. */
function isSettled(answer: Response): boolean {
  return answer.status < 500 && answer.status !== 408 && answer.status !== 429;
}

async function flush(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (underWay.length || !(underWay = nextRequest()).length) return;
  let answer: Response | undefined;
  try {
    const content = body(underWay);
    const keepalive = content.length < REQUEST_CHARACTERS + 1000;
    answer = await fetch(endpoint, { method: "POST", body: content, keepalive });
  } catch {
    // no network: the wait below stands for it
  }
  const isDone = answer && isSettled(answer);
  if (isDone) {
    remove(underWay);
    failures = 0;
  }
  underWay = [];
  if (queued().length) flushIn(isDone ? 0 : waitMs(answer));
}

/** The page is hidden and may never come back. While the collector fails, what waits goes on waiting. */
export function hurry(): void {
  if (!failures) flush();
}

/** The page goes away: what is not under way is given to the browser to send. While the collector fails it stays here. */
export function leave(): void {
  let batch;
  while (!failures && (batch = nextRequest()).length && navigator.sendBeacon(endpoint, body(batch))) remove(batch);
}

export function add(message: Message): void {
  keep(QUEUE, JSON.stringify([...queued(), message].slice(-QUEUE_MESSAGES)));
  flushIn(GATHER_MS);
}

export function startQueue(address: string, key: string): void {
  endpoint = address;
  writeKey = key;
  if (queued().length) flushIn(GATHER_MS);
}
