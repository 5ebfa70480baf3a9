// What the FIX page shows, as signals, and the stream that changes it.

import { computed, signal } from "@preact/signals";

import { call } from "../lib/api.js";

const MOST = 1_000;

/** What the page was given: the usual venue, its CompIDs, symbols, and the names of all types of message. */
export const place = JSON.parse(document.getElementById("page").dataset.fix);

const NOBODY = {
  state: "idle", why: "", host: place.host, port: place.port, sender: place.senders[0], target: place.target,
  expected: 1, next_out: 1, heartbeat_s: 30, resets: true, taken: [],
};

export const session = signal(NOBODY);
export const entries = signal([]);
export const orders = signal(new Map());
export const executions = signal(new Map());

/** Whether the page hears from the exchange. */
export const isLive = signal(false);

/** Whether the page has been told everything once. */
export const isReady = signal(false);

/** The line of the log that is looked at: its id, or null for the newest message. */
export const selected = signal(null);

/** Only messages about this ClOrdID are listed, if it is not empty. */
export const onlyOrder = signal("");

/** A message that the Raw tab is to take over: `{msgType, text}`, a new object each time. */
export const draft = signal(null);

/** The tab of the ticket. */
export const tab = signal("order");

export const isUp = computed(() => session.value.state === "up");
export const isConnected = computed(() => ["up", "connecting"].includes(session.value.state));

const ENDED = new Set(["2", "3", "4", "8", "C"]);
export const isOpen = ({ status }) => !ENDED.has(status);

/** The newest first, in the order in which they came. */
export const allOrders = computed(() => [...orders.value.values()].reverse());
export const openOrders = computed(() => allOrders.value.filter(isOpen));
export const allExecutions = computed(() => [...executions.value.values()].reverse());

/** The line of the log that the inspector shows. */
export const shown = computed(() => {
  const found = entries.value.find(({ id }) => id === selected.value);
  return found ?? entries.value.findLast(({ way, msg_type: type }) => way !== "note" && type !== "0") ?? null;
});

const post = (path) => (body = {}) => call("POST", path, body, "/fix/api");

export const api = {
  connect: post("/connect"),
  disconnect: post("/disconnect"),
  drop: post("/drop"),
  numbers: post("/numbers"),
  send: post("/messages"),
  preview: post("/preview"),
  rules: () => call("GET", "/rules", undefined, "/fix/api"),
  setRules: (script) => call("PUT", "/rules", script, "/fix/api"),
  clear: () => call("DELETE", "/log", undefined, "/fix/api"),
};

const keyed = (lines, key) => new Map(lines.map((line) => [line[key], line]));
const put = (lines, key, line) => { lines.value = new Map(lines.value).set(line[key], line); };

const TAKE = {
  everything: (all) => {
    session.value = all.session;
    entries.value = all.entries;
    orders.value = keyed(all.orders, "key");
    executions.value = keyed(all.executions, "exec_id");
    isReady.value = true;
  },
  session: (view) => { session.value = view; },
  entry: (entry) => { waiting.push(entry); later(); },
  order: (line) => put(orders, "key", line),
  execution: (line) => put(executions, "exec_id", line),
};

let waiting = [];
let isDue = false;

/** Lines of the log are shown once a frame, however many come. */
function later() {
  if (isDue) return;
  isDue = true;
  window.setTimeout(() => {
    isDue = false;
    entries.value = [...entries.value, ...waiting].slice(-MOST);
    waiting = [];
  }, 50);
}

let source = null;

function open() {
  source = new EventSource("/fix/stream");
  for (const [name, take] of Object.entries(TAKE)) {
    source.addEventListener(name, (event) => {
      if (name === "everything") waiting = [];
      take(JSON.parse(event.data));
    });
  }
  source.addEventListener("open", () => { isLive.value = true; });
  source.addEventListener("error", () => {
    isLive.value = false;
    if (source.readyState === EventSource.CLOSED) window.setTimeout(open, 2_000);
  });
}

export function startStream() {
  open();
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}
