// The ticket's form as data: what is typed, what is missing in it, the order it makes, what that would cost.

import { estimate } from "./estimate.js";
import { TYPES, extrasOf, tifsOf } from "./order-types.js";
import * as store from "./store.js";

export const FRESH = {
  side: "BUY", type: "LIMIT", tif: "DAY", quantity: "10", price: "", cap: "", stop: "", postOnly: false,
  isIceberg: false, display: "", isHidden: false, minExec: "",
};

/** Number of the text of a field, or null where it is none: "1,000" is 1000. */
export function numberOf(text) {
  const value = Number(text.replaceAll(",", "").trim());
  return text.trim() === "" || Number.isNaN(value) ? null : value;
}

export const sizeOf = (form) => numberOf(form.quantity) ?? 0;

/** The other side's best price: where an order of `side` would trade now. */
export function touch(side) {
  const line = store.tickerOf(store.selected.value).peek();
  const best = side === "BUY" ? line?.best_ask : line?.best_bid;
  return best ?? line?.last ?? line?.reference ?? null;
}

/** The form with only what goes with its type and with the phase: what does not apply is off, but not forgotten. */
export function settled(form, isCall) {
  const tif = tifsOf(form.type, isCall).includes(form.tif) ? form.tif : "DAY";
  const can = extrasOf(form.type, tif);
  return {
    ...form, tif, can, isCall,
    postOnly: can.postOnly && form.postOnly,
    isIceberg: can.iceberg && form.isIceberg,
    isHidden: can.hidden && form.isHidden && !(can.iceberg && form.isIceberg),
    limit: { limit: numberOf(form.price), cap: numberOf(form.cap), none: null }[TYPES[form.type].price],
  };
}

/** What is missing before the order can be sent, or null. */
export function problem(form) {
  const { price, isStop } = TYPES[form.type];
  if (numberOf(form.quantity) === null) return { field: "quantity", message: "Enter a quantity." };
  if (isStop && numberOf(form.stop) === null) return { field: "stop_price", message: "Enter a stop price." };
  if (price === "limit" && form.limit === null) return { field: "price", message: "Enter a price." };
  if (form.isIceberg && numberOf(form.display) === null) {
    return { field: "display_quantity", message: "Enter the quantity to show." };
  }
  return null;
}

export function orderOf(form) {
  const order = {
    symbol: store.selected.value, side: form.side, quantity: numberOf(form.quantity), ord_type: form.type,
    time_in_force: form.tif,
  };
  if (form.limit !== null) order.price = form.limit;
  if (TYPES[form.type].isStop) order.stop_price = numberOf(form.stop);
  if (form.postOnly) order.post_only = true;
  if (form.isIceberg) order.display_quantity = numberOf(form.display);
  if (form.isHidden) order.hidden = true;
  if (form.isHidden && numberOf(form.minExec) !== null) order.min_exec = numberOf(form.minExec);
  return order;
}

/** Where an order that does not trade at once would stand, as far as the screen knows. */
function assumedPrice(form, depth) {
  const [bid, ask] = [depth?.bids[0]?.[0] ?? null, depth?.asks[0]?.[0] ?? null];
  const { isStop, isPeg } = TYPES[form.type];
  if (isPeg) {
    const own = form.side === "BUY" ? bid : ask;
    const followed = form.type === "PEG_MID" && bid !== null && ask !== null ? (bid + ask) / 2 : own;
    const tighter = form.side === "BUY" ? Math.min : Math.max;
    if (form.limit !== null && followed !== null) return tighter(form.limit, followed);
    return form.limit ?? followed ?? touch(form.side);
  }
  return form.limit ?? (isStop ? numberOf(form.stop) : null) ?? touch(form.side);
}

/** What the order would cost: at once by the book, or where it would stand. In a call nothing trades at once. */
export function estimateOf(form) {
  const depth = store.book.value;
  const { isStop, isPeg } = TYPES[form.type];
  const order = { side: form.side, quantity: sizeOf(form), limit: form.limit };
  if (isStop || isPeg || form.isCall) return estimate(null, { ...order, limit: assumedPrice(form, depth) });
  if (form.type === "MARKET_TO_LIMIT") return estimate(depth, { ...order, limit: touch(form.side) });
  return estimate(depth, order);
}
