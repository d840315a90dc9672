/** Messages of Segment's spec, each with who and where; those that may not be sent yet are held. */
import { context } from "./page";
import { add, type Message } from "./queue";
import { identity, mode, randomId } from "./visitor";

type Properties = Record<string, unknown>;

/** Those that wait for the visitor's answer. */
export const held: Message[] = [];

export function pass(message: Message): void {
  if (mode === "wait") held.push(message);
  else if (mode === "full") add({ ...message, ...identity() });
  else if (mode === "cookieless" && message.type !== "identify") {
    message.context.cookieless = true;
    add(message);
  }
}

export function send(type: string, fields: object): void {
  pass({ type, messageId: randomId(), timestamp: new Date().toISOString(), ...fields, context: context() });
}

export function track(event: string, properties?: Properties): void {
  send("track", { event, properties });
}
