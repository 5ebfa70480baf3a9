// The page's one EventSource. The browser reconnects by itself with Last-Event-ID; a change of symbol reopens the
// stream with `since`, so that no own fill is lost. Events are applied together, once per drawn frame.

import { batch, effect } from "@preact/signals";

import { api } from "./api.js";
import { applyEvents } from "./reducers.js";
import { book, connection, instruments, isReady, me, ownPhase, selected, session } from "./store.js";

const NAMES = ["init", "session", "trade", "trade_changed", "order", "fill", "fill_changed", "snapshot", "book",
  "portfolio", "leaderboard", "kills", "ai_insights_init", "ai_insight"];
const QUIET_MS = 20_000;
const HIDDEN_MS = 120_000;
const SLOWEST_FRAME_MS = 250;

let source = null;
let streamed = null;
let lastId = "";
let lastSeen = Date.now();
let retries = 0;
let retryTimer = 0;
let hiddenTimer = 0;
let queue = [];
let isScheduled = false;
let isBroken = false;

function flush() {
  if (!isScheduled) return;
  isScheduled = false;
  const events = queue;
  queue = [];
  batch(() => applyEvents(events));
}

function receive(name, event) {
  lastSeen = Date.now();
  retries = 0;
  if (event.lastEventId) lastId = event.lastEventId;
  if (connection.value !== "live") connection.value = "live";
  if (!NAMES.includes(name)) return;
  queue.push([name, JSON.parse(event.data)]);
  if (isScheduled) return;
  isScheduled = true;
  window.requestAnimationFrame(flush);
  window.setTimeout(flush, SLOWEST_FRAME_MS);
}

function failed() {
  isBroken = true;
  if (source.readyState !== EventSource.CLOSED) {
    connection.value = "connecting";
    return;
  }
  connection.value = "offline";
  if (!isReady.value) selected.value = streamed = "";
  retries += 1;
  const wait = Math.min(15_000, 1_000 * 2 ** (retries - 1)) * (0.75 + Math.random() / 2);
  window.clearTimeout(retryTimer);
  retryTimer = window.setTimeout(open, wait);
}

function close() {
  window.clearTimeout(retryTimer);
  source?.close();
  source = null;
}

function open() {
  close();
  const query = new URLSearchParams();
  streamed = selected.peek();
  if (streamed) query.set("symbol", streamed);
  if (lastId && isReady.peek()) query.set("since", lastId);
  connection.value = "connecting";
  source = new EventSource(`/stream?${query}`);
  for (const name of [...NAMES, "connected", "reset", "member_login", "member_logout", "ping"]) {
    source.addEventListener(name, (event) => receive(name, event));
  }
  source.addEventListener("connected", connected);
  source.addEventListener("bye", () => { connection.value = "connecting"; });
  source.addEventListener("error", failed);
}

/** After a break the login may have ended: then the page is no longer whose it says. */
async function connected() {
  if (!isBroken) return;
  isBroken = false;
  const now = await api.me().catch(() => me.value);
  if (isReady.value && now.user !== me.value.user) window.location.reload();
}

/** Comments are invisible here, so silence alone proves nothing: an open market that is silent is stale. */
async function watch() {
  if (connection.value !== "live" && connection.value !== "stale") return;
  if (Date.now() - lastSeen < QUIET_MS) return;
  const isAllQuiet = instruments.value.length > 0 && instruments.value.every(({ symbol }) => ownPhase(symbol));
  const isQuietByRight = !session.value?.active || session.value.suspended || isAllQuiet;
  const answers = isQuietByRight && (await fetch("/healthz", { cache: "no-store" }).then((r) => r.ok, () => false));
  connection.value = answers ? "live" : "stale";
  if (!answers && Date.now() - lastSeen > 2 * QUIET_MS) {
    lastSeen = Date.now();
    open();
  }
}

/** A hidden page gives its connection back after a while: a browser allows only six to one host. */
function visibilityChanged() {
  window.clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = window.setTimeout(close, HIDDEN_MS);
  else if (!source) open();
}

/** Start the stream; it follows the selected symbol from then on. */
export function startStream() {
  effect(() => {
    const wanted = selected.value;
    const isServed = streamed === "" && book.peek()?.symbol === wanted;
    if (isServed) streamed = wanted;
    else if (wanted !== streamed) open();
  });
  window.setInterval(watch, 5_000);
  document.addEventListener("visibilitychange", visibilityChanged);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}
