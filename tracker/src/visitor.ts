/** Who: a random id of this browser, and the shop's own id of its customer once it has said so. */
import { keep, kept } from "./kept";

const VISITOR = "footfall.visitor";
const USER = "footfall.user";
const YEAR_SECONDS = 31536000;

let current = "";

export function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.+)/, "$1-$2-$3-$4-$5");
}

function cookie(): string | undefined {
  return document.cookie.match(/(?:^|; )footfall=([\w-]+)/)?.[1];
}

function visitor(): string {
  if (current) return current;
  current = kept(VISITOR) || cookie() || uuid();
  keep(VISITOR, current);
  document.cookie = `footfall=${current}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  return current;
}

export function identity(): object {
  const userId = kept(USER);
  return { anonymousId: visitor(), ...(userId && { userId }) };
}

export function nameUser(userId?: string | null): void {
  if (userId) keep(USER, userId);
}

export function forget(): void {
  current = "";
  keep(USER, null);
  keep(VISITOR, null);
  document.cookie = "footfall=; path=/; max-age=0";
}
