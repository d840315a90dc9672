// Small conveniences; every page works before this has loaded.
"use strict";

const REFRESH_MS = 15000;
const AWAITED_MS = 2000;
const HEARD_REFRESH_MS = 60000;
const LISTEN_AGAIN_MS = 15000;
const LISTEN_AGAIN_MOST_MS = 300000;
const SPREAD_MS = 800;
const FIRST_EVENT_MS = 3000;
const main = document.getElementById("main");

// "why?" opens its receipt as a dialog.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-why]");
  const panel = opener && document.getElementById(`why-${opener.dataset.why}`);
  if (panel && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    panel.close();
    panel.showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  if (dialog && (event.target.closest("[data-close]") || event.target === dialog)) {
    event.preventDefault();
    dialog.close();
  }
});

// A panel that the address names opens as a dialog, too.
const named = document.querySelector("dialog.panel[open]");
if (named) {
  named.close();
  named.showModal();
}

// The days behind "Pick…" close with Escape and with a click elsewhere.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.pick[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const open = document.querySelector("details.pick[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

// An open page takes over new numbers while somebody looks at it, and not while a panel is being read.
let etag = null;
let refreshedAt = 0;
async function refresh() {
  if (document.hidden || isSettled()) return;
  if (main.querySelector("dialog[open], details.pick[open]")) {
    refreshedAt = 0;
    return;
  }
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(main.dataset.refresh, { headers, cache: "no-store" });
  if (answer.status === 200 || answer.status === 304) refreshedAt = Date.now();
  if (answer.status !== 200 || answer.redirected) return;
  etag = answer.headers.get("ETag");
  const text = await answer.text();
  const opened = new Set([...main.querySelectorAll("details[data-keep][open]")].map((one) => one.dataset.keep));
  const focused = focusedPlace();
  const next = new DOMParser().parseFromString(text, "text/html");
  main.replaceChildren(...next.body.childNodes);
  for (const one of main.querySelectorAll("details[data-keep]")) if (opened.has(one.dataset.keep)) one.open = true;
  if (focused) main.querySelector(focused)?.focus({ preventScroll: true });
  revealCopies();
}
// A page that waits for one answer asks often, and no more once it is there.
function isSettled() {
  return "untilReady" in main.dataset && !main.querySelector("[data-awaited]");
}
// How to find the focused link, or what opens a part that is kept open, again in the new text.
function focusedPlace() {
  const focused = main.contains(document.activeElement) && document.activeElement;
  const summary = focused && focused.closest("details[data-keep] > summary");
  if (summary) return `details[data-keep="${CSS.escape(summary.parentElement.dataset.keep)}"] > summary`;
  const link = focused && focused.closest("a[href]");
  return link && `a[href="${CSS.escape(link.getAttribute("href"))}"]`;
}
function repeat(task, milliseconds) {
  setInterval(() => task().catch(() => {}), milliseconds);
}
if (main && main.dataset.refresh) {
  repeat(async () => {
    if (!isHeard || Date.now() - refreshedAt > HEARD_REFRESH_MS) await refresh();
  }, REFRESH_MS);
  if (!isSettled() && "untilReady" in main.dataset) repeat(refresh, AWAITED_MS);
  document.addEventListener("visibilitychange", () => {
    refresh().catch(() => {});
    document.hidden ? hangUp() : listen();
  });
  window.addEventListener("pagehide", hangUp);
  window.addEventListener("pageshow", listen);
}

// It is told when there are new numbers, while somebody looks at it: a browser has few connections for all its tabs.
let source = null;
let isHeard = false;
let again = null;
let pause = LISTEN_AGAIN_MS;
let telling = null;
function listen() {
  if (source || document.hidden) return;
  clearTimeout(again);
  source = new EventSource(main.dataset.live);
  source.onopen = () => {
    if (refreshedAt) tell(); // of what came while nobody listened
    isHeard = true;
    pause = LISTEN_AGAIN_MS;
  };
  source.addEventListener("ready", tell);
  source.onerror = () => {
    isHeard = false;
    if (source.readyState !== EventSource.CLOSED) return; // the browser comes again by itself
    hangUp();
    again = setTimeout(listen, pause);
    pause = Math.min(2 * pause, LISTEN_AGAIN_MOST_MS);
  };
}
function hangUp() {
  clearTimeout(again);
  source?.close();
  source = null;
  isHeard = false;
}
// Not all open pages ask in the same moment, and a page asks once for messages that come together.
function tell() {
  telling ??= setTimeout(() => {
    telling = null;
    refresh().catch(() => {});
  }, Math.random() * SPREAD_MS);
}

// Messages as they arrive: the server sends rows, new ones and those whose fate is known now.
const watched = document.querySelector("[data-watch]");
if (watched) {
  const list = watched.querySelector("ol");
  const none = watched.querySelector(".arrivals-none");
  const most = Number(watched.dataset.most);
  let following = null;
  const show = (state) => {
    for (const line of watched.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  };
  const place = ({ id, order, html }) => {
    const row = new DOMParser().parseFromString(html, "text/html").querySelector("li");
    const before = document.getElementById(id);
    if (before) {
      const details = row.querySelector("details");
      if (details && before.querySelector("details[open]")) details.open = true;
      if (before.contains(document.activeElement)) list.focus({ preventScroll: true });
      before.replaceWith(row);
      return;
    }
    const next = [...list.children].find((other) => other.dataset.order < order);
    list.insertBefore(row, next ?? null);
    while (list.children.length > most) list.lastElementChild.remove();
  };
  const leave = () => {
    following?.close();
    following = null;
  };
  const follow = () => {
    if (following || document.hidden || watched.dataset.over) return;
    following = new EventSource(watched.dataset.watch);
    following.addEventListener("messages", (event) => {
      for (const row of JSON.parse(event.data)) place(row);
      none.hidden = list.children.length > 0;
      show("following");
    });
    following.addEventListener("trouble", () => show("trouble"));
    following.addEventListener("over", () => {
      watched.dataset.over = "yes";
      leave();
      show("over");
    });
    following.onerror = () => {
      const isOver = following?.readyState === EventSource.CLOSED;
      if (isOver) leave();
      show(isOver ? "away" : "trouble");
    };
  };
  follow();
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : follow()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", follow);
}

// The page of a shop without events says when the first one has arrived.
const waiting = document.querySelector("[data-first-event]");
if (waiting) {
  repeat(async () => {
    if (document.hidden || waiting.dataset.arrived) return;
    const answer = await fetch(waiting.dataset.firstEvent, { cache: "no-store" });
    if (!answer.ok || answer.redirected || !(await answer.json()).has_events) return;
    waiting.dataset.arrived = "yes";
    waiting.querySelector(".is-waiting").hidden = true;
    waiting.querySelector(".has-arrived").hidden = false;
  }, FIRST_EVENT_MS);
}

// Copy buttons show only where copying works.
function revealCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}
revealCopies();
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = "Copied";
});
