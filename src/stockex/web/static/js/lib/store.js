// Everything the screens show, as signals. Only `reducers.js` and a few actions here write them.

import { computed, signal } from "@preact/signals";

import { gathers } from "./phases.js";

const KEPT_SYMBOL = "stockex.symbol";
const fromAddress = new URLSearchParams(window.location.search).get("symbol");

export const isDemo = document.body.dataset.demo === "true";

export const me = signal({ user: document.body.dataset.user || null, role: document.body.dataset.role || null });
export const isReady = signal(false);
export const session = signal(null);
export const instruments = signal([]);
export const selected = signal(fromAddress || window.localStorage.getItem(KEPT_SYMBOL) || "");
export const book = signal(null);
export const trades = signal([]);
export const symbolTrades = signal([]);

/** Trades that were busted or corrected while the page was open, as they stand now, by id; the newest change last. */
export const undone = signal(new Map());
export const orders = signal(new Map());
export const fills = signal([]);
export const portfolio = signal(null);

/** The kill switches that are on: all of them for an operator, for others what stops them. */
export const kills = signal({ everybody: false, accounts: [] });
export const leaderboard = signal([]);

/** What the analyst said, newest first, and how much of it came since it was last looked at. */
export const insights = signal([]);
export const unread = signal(0);
export const connection = signal("connecting");

/** What a click in the ladder or the market table puts into the ticket: `{price?, side?}`, new object each time. */
export const ticketFill = signal(null);

const tickerSignals = new Map();

/** The signal of one symbol's market line, so that a change of one line redraws that line only. */
export function tickerOf(symbol) {
  if (!tickerSignals.has(symbol)) tickerSignals.set(symbol, signal(null));
  return tickerSignals.get(symbol);
}

export const instrument = computed(() => instruments.value.find(({ symbol }) => symbol === selected.value) ?? null);

/** Whether orders in a symbol rest until an auction. */
export const isGathering = (symbol) => gathers(tickerOf(symbol).value?.phase);

export const phaseOf = (symbol) => tickerOf(symbol).value?.phase ?? "CONTINUOUS";

/** The phase of a symbol when it is another than the session's: what its badge says. */
export function ownPhase(symbol) {
  const phase = tickerOf(symbol).value?.phase;
  return isOpen.value && phase && phase !== "CONTINUOUS" ? phase : null;
}

export const tickOf = (symbol) => instruments.value.find((listed) => listed.symbol === symbol)?.tick ?? 0.01;

const OPEN = new Set(["NEW", "PARTIALLY_FILLED"]);
const newestFirst = (one, other) => other.timestamp - one.timestamp || other.order_id - one.order_id;

export const allOrders = computed(() => [...orders.value.values()].sort(newestFirst));
export const openOrders = computed(() => allOrders.value.filter(({ status }) => OPEN.has(status)));
export const endedOrders = computed(() => allOrders.value.filter(({ status }) => !OPEN.has(status)));

/** The other leg of an open order's pair, or null. Only the younger leg names the older at once. */
export function partnerOf({ order_id: id, oco_id: other }) {
  const isOther = ({ order_id: each, oco_id: named }) => each === other || named === id;
  return openOrders.value.find(isOther) ?? null;
}

export const isOperator = computed(() => me.value.role === "operator");
export const isTrader = computed(() => Boolean(me.value.user) && !isOperator.value);
export const isStopped = computed(() => kills.value.everybody || kills.value.accounts.includes(me.value.user));
export const isOpen = computed(() => Boolean(session.value?.active) && !session.value.suspended);

/** Own open quantity by side and price of the selected symbol: what the ladder marks. What waits is in no book. */
export const ownLevels = computed(() => {
  const levels = new Map();
  for (const { symbol, side, price, leaves, is_waiting: isWaiting } of openOrders.value) {
    if (symbol !== selected.value || price === null || isWaiting) continue;
    const key = `${side}@${price}`;
    levels.set(key, (levels.get(key) ?? 0) + leaves);
  }
  return levels;
});

/** Select a symbol: the stream follows, the address says it, the next visit remembers it. */
export function select(symbol) {
  if (symbol === selected.value) return;
  selected.value = symbol;
  book.value = null;
  symbolTrades.value = trades.value.filter((trade) => trade.symbol === symbol);
  try {
    window.localStorage.setItem(KEPT_SYMBOL, symbol);
  } catch {
    // A browser may forbid storage; the choice then lasts as long as the page.
  }
  const address = new URL(window.location.href);
  address.searchParams.set("symbol", symbol);
  window.history.replaceState(null, "", address);
}

/** The price at which a holding would be valued now: the mid of a two-sided book, else the last trade. */
export function markOf(symbol) {
  const ticker = tickerOf(symbol).value;
  if (!ticker) return null;
  if (ticker.best_bid !== null && ticker.best_ask !== null) return (ticker.best_bid + ticker.best_ask) / 2;
  return ticker.last ?? ticker.reference;
}
