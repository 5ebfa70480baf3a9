// Short notices: shown as toasts, read out by the page's one polite live region.

import { signal } from "@preact/signals";

import { label, price, quantity } from "./format.js";
import { TYPES } from "./order-types.js";
import { PHASES, phaseText } from "./phases.js";
import { isOpen, isOperator, selected, tickOf } from "./store.js";

const SHOWN_MS = 6_000;
const MOST = 4;
let count = 0;

export const notices = signal([]);

/**
 * Show a notice. `tone` is good, bad, warn or info; `detail` is a second, quieter line. A notice that the screen
 * shows elsewhere already is only read out: `isHeardOnly`. An `error` that the exchange can explain gets a button.
 */
export function tell(text, { tone = "info", detail = "", isHeardOnly = false, error = null } = {}) {
  count += 1;
  const notice = { key: count, text, detail, tone, isHeardOnly, error };
  notices.value = [...notices.value, notice].slice(-MOST);
  window.setTimeout(() => {
    notices.value = notices.value.filter(({ key }) => key !== notice.key);
  }, SHOWN_MS);
}

/** One notice per order, however many trades filled it. */
export function tellFills(fills) {
  const byOrder = new Map();
  for (const fill of fills) {
    const sum = byOrder.get(fill.cl_ord_id) ?? { ...fill, quantity: 0, value: 0 };
    sum.quantity += fill.quantity;
    sum.value += fill.quantity * fill.price;
    byOrder.set(fill.cl_ord_id, sum);
  }
  for (const { side, symbol, quantity: qty, value, cl_ord_id: id } of byOrder.values()) {
    const did = side === "BUY" ? "Bought" : "Sold";
    tell(`${did} ${quantity(qty)} ${symbol} at ${price(value / qty, tickOf(symbol))}`, { tone: "good", detail: id });
  }
}

/** An own trade that was undone after it was told. */
export function tellFillChanged({ side, symbol, quantity: qty, price: at, status, note }) {
  const did = `${side === "BUY" ? "bought" : "sold"} ${quantity(qty)} ${symbol} at ${price(at, tickOf(symbol))}`;
  if (status === "BUSTED") tell(`Trade busted: ${did}`, { tone: "bad", detail: note });
  else tell(`Trade corrected: ${did}`, { tone: "warn", detail: note });
}

/** Orders that ended without trading out are told; what the owner has just asked for is not news twice. */
export function tellOrder(before, after) {
  const what = `${after.side === "BUY" ? "Buy" : "Sell"} ${quantity(after.quantity)} ${after.symbol}`;
  if (before?.is_waiting && !after.is_waiting && after.leaves > 0 && TYPES[before.ord_type]?.isStop) {
    tell(`Stop reached: ${what}`, { detail: "The order is live" });
  }
  if (!before || before.status === after.status) return;
  if (after.status === "CANCELLED") tell(`Cancelled: ${what}`, { detail: label(after.reason) });
  if (after.status === "EXPIRED") tell(`Expired: ${what}`, { tone: "warn" });
}

/** Another phase of the symbol on screen, in an open session. What the operator does is told where it is done. */
export function tellPhase(before, after) {
  const isSame = before?.phase === after.phase || !isOpen.peek();
  if (!before || isSame || after.symbol !== selected.peek() || isOperator.peek()) return;
  const tone = after.phase === "CONTINUOUS" ? "good" : "warn";
  tell(`${after.symbol}: ${phaseText(after.phase).toLowerCase()}`, { tone, detail: PHASES[after.phase]?.about ?? "" });
}

const SESSION_TEXT = {
  started: ["The market is open", "good"],
  active: ["Trading goes on", "good"],
  suspended: ["Trading is suspended", "warn"],
  ended: ["The market is closed", "bad"],
};

export function tellSession(before, after) {
  const isSame = before && before.active === after.active && before.suspended === after.suspended;
  if (!before || isSame || !SESSION_TEXT[after.status]) return;
  const [text, tone] = SESSION_TEXT[after.status];
  tell(text, { tone, detail: `Day ${after.day}` });
}
