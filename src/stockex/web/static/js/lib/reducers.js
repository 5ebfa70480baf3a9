// What each event of the stream does to the store. Called in batches, one per drawn frame.

import * as store from "./store.js";
import { tellFillChanged, tellFills, tellOrder, tellPhase, tellSession } from "./notices.js";

const TAPE_KEPT = 300;
const FILLS_KEPT = 500;
const ENDED_KEPT = 500;
const HISTORY_KEPT = 60;
const INSIGHTS_KEPT = 50;

const tradeListeners = new Set();

/** Call `listener` with the trades of each batch, oldest first. Returns the function that ends it. */
export function onTrades(listener) {
  tradeListeners.add(listener);
  return () => tradeListeners.delete(listener);
}

/** Mark each trade, newest first, with how its price moved against the one before of the same symbol. */
export function withMoves(newestFirst, before = []) {
  const previous = new Map();
  for (const trade of before) if (!previous.has(trade.symbol)) previous.set(trade.symbol, trade);
  return newestFirst.toReversed().map((trade) => {
    const last = previous.get(trade.symbol);
    const move = last ? Math.sign(trade.price - last.price) || last.move || 0 : 0;
    const moved = { ...trade, move };
    previous.set(trade.symbol, moved);
    return moved;
  }).reverse();
}

function addTrades(incoming) {
  const known = new Set(store.trades.value.map((trade) => trade.trade_id));
  const fresh = incoming.filter((trade) => !known.has(trade.trade_id));
  if (fresh.length === 0) return;
  const moved = withMoves(fresh.toReversed(), store.trades.value);
  store.trades.value = [...moved, ...store.trades.value].slice(0, TAPE_KEPT);
  const mine = moved.filter((trade) => trade.symbol === store.selected.value);
  if (mine.length > 0) {
    store.symbolTrades.value = mergeTrades(mine, store.symbolTrades.value);
  }
  for (const listener of tradeListeners) listener(fresh);
}

/** Two newest-first lists as one, no trade twice. */
export function mergeTrades(newer, older) {
  const known = new Set(newer.map((trade) => trade.trade_id));
  return [...newer, ...older.filter((trade) => !known.has(trade.trade_id))].slice(0, TAPE_KEPT);
}

function setTicker(ticker) {
  const line = store.tickerOf(ticker.symbol);
  const before = line.peek();
  const move = before?.last && ticker.last ? Math.sign(ticker.last - before.last) : 0;
  const two = ticker.best_bid !== null && ticker.best_ask !== null;
  const point = two ? (ticker.best_bid + ticker.best_ask) / 2 : (ticker.last ?? ticker.reference);
  const history = before?.history ?? [];
  const second = Math.floor(ticker.timestamp);
  const isNewPoint = second !== before?.second;
  line.value = {
    ...ticker,
    move: move || before?.move || 0,
    second,
    history: isNewPoint ? [...history, point].slice(-HISTORY_KEPT) : history,
  };
}

function setOrders(list, { keep }) {
  const next = new Map(keep ? store.orders.value : []);
  for (const order of list) {
    const known = next.get(order.order_id);
    if (!known || known.updated <= order.updated) next.set(order.order_id, order);
  }
  if (next.size > 2 * ENDED_KEPT) {
    const ended = [...next.values()].filter(({ leaves }) => leaves === 0).sort((a, b) => a.updated - b.updated);
    for (const order of ended.slice(0, ended.length - ENDED_KEPT)) next.delete(order.order_id);
  }
  store.orders.value = next;
}

function addFills(incoming) {
  const known = new Set(store.fills.value.map((fill) => `${fill.trade_id}${fill.side}`));
  const fresh = incoming.filter((fill) => !known.has(`${fill.trade_id}${fill.side}`));
  if (fresh.length === 0) return;
  store.fills.value = [...fresh.toReversed(), ...store.fills.value].slice(0, FILLS_KEPT);
  tellFills(fresh);
}

const isSameInsight = (one, other) => one.timestamp === other.timestamp && one.last === other.last;
const isSameFill = (one, other) => one.trade_id === other.trade_id && one.side === other.side;

function init(state) {
  store.session.value = state.session;
  store.instruments.value = state.instruments;
  store.me.value = state.me ?? { user: null, role: null };
  for (const ticker of state.tickers) setTicker(ticker);
  store.trades.value = withMoves(state.trades);
  setOrders(state.orders ?? [], { keep: false });
  store.fills.value = state.fills ?? [];
  store.portfolio.value = state.portfolio;
  store.leaderboard.value = state.leaderboard ?? [];
  store.kills.value = state.kills;
  if (!state.instruments.some(({ symbol }) => symbol === store.selected.value)) {
    store.select(state.book?.symbol ?? state.instruments[0]?.symbol ?? "");
  }
  if (state.book?.symbol === store.selected.value) store.book.value = state.book;
  store.symbolTrades.value = store.trades.value.filter(({ symbol }) => symbol === store.selected.value);
  store.isReady.value = true;
}

const REDUCERS = {
  init,
  session: (view) => {
    tellSession(store.session.value, view);
    store.session.value = view;
  },
  snapshot: (ticker) => {
    tellPhase(store.tickerOf(ticker.symbol).peek(), ticker);
    setTicker(ticker);
  },
  book: (depth) => {
    if (depth.symbol === store.selected.value) store.book.value = depth;
  },
  order: (order) => {
    tellOrder(store.orders.value.get(order.order_id), order);
    setOrders([order], { keep: true });
  },
  trade_changed: (trade) => {
    const others = [...store.undone.value].filter(([id]) => id !== trade.trade_id);
    store.undone.value = new Map([...others, [trade.trade_id, trade]]);
  },
  fill_changed: (fill) => {
    store.fills.value = store.fills.value.map((known) => (isSameFill(known, fill) ? fill : known));
    tellFillChanged(fill);
  },
  portfolio: (view) => { store.portfolio.value = view; },
  kills: (view) => { store.kills.value = view; },
  leaderboard: (rows) => { store.leaderboard.value = rows; },
  ai_insights_init: (newest) => { store.insights.value = newest; },
  ai_insight: (insight) => {
    if (store.insights.value.some((known) => isSameInsight(known, insight))) return;
    store.insights.value = [insight, ...store.insights.value].slice(0, INSIGHTS_KEPT);
    store.unread.value += 1;
  },
};

/** Apply `[name, payload]` pairs in order; trades and fills are added together at the end of the batch. */
export function applyEvents(events) {
  const tradesSeen = [];
  const fillsSeen = [];
  for (const [name, payload] of events) {
    if (name === "trade") tradesSeen.push(payload);
    else if (name === "fill") fillsSeen.push(payload);
    else REDUCERS[name]?.(payload);
  }
  addTrades(tradesSeen);
  addFills(fillsSeen);
}
