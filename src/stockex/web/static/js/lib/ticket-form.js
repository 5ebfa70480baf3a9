// The ticket's form as data: what is typed, what is missing in it, the order it makes, what that would cost.

import { estimate } from "./estimate.js";
import { TYPES, extrasOf, isForLater, isStanding, isTimed, tifsOf } from "./order-types.js";
import * as store from "./store.js";

/** `pair` is empty, the client id of an open order, or NEW_LEG; `leg` is then the other leg's price. */
export const FRESH = {
  side: "BUY", type: "LIMIT", tif: "DAY", quantity: "10", price: "", cap: "", offset: "", stop: "", trail: "",
  expiry: "",
  postOnly: false, isIceberg: false, display: "", isHidden: false, minExec: "", endsBelow: false, minQty: "",
  selfTrade: "", endsWithSession: false, pair: "", leg: "",
};
export const NEW_LEG = "new leg";

const GROUPED = /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/;

/** Number of the text of a field, or null where it is none: "1,000" is 1000, but "24,95" is not 2495. */
export function numberOf(text) {
  const bare = text.trim();
  const value = Number(GROUPED.test(bare) ? bare.replaceAll(",", "") : bare);
  return bare === "" || Number.isNaN(value) ? null : value;
}

export const sizeOf = (form) => numberOf(form.quantity) ?? 0;

/** The other side's best price: where an order of `side` would trade now. */
export function touch(side) {
  const line = store.tickerOf(store.selected.value).peek();
  const best = side === "BUY" ? line?.best_ask : line?.best_bid;
  return best ?? line?.last ?? line?.reference ?? null;
}

const twoDigits = (number) => String(number).padStart(2, "0");

/** An instant in seconds as the text of a field of date and time, in the reader's time zone; and back. */
export function instantText(seconds) {
  const at = new Date(seconds * 1000);
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
  return `${day}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}
export function instantOf(text) {
  const millis = new Date(text).getTime();
  return Number.isNaN(millis) ? null : millis / 1000;
}

const HOUR_S = 3600;

/** What an expiry is at first: in a week for a date, in an hour for a time. */
export const laterText = (tif) => instantText(Date.now() / 1000 + (tif === "GTD" ? 7 * 24 : 1) * HOUR_S);

/** The open orders that the form's order could be tied to: the other kind of leg, in no pair yet. */
export function partnersOf(form) {
  const isStop = Boolean(TYPES[form.type].isStop);
  return store.openOrders.value.filter((order) => order.symbol === store.selected.value && order.side === form.side
    && isStanding(order.time_in_force) && !store.partnerOf(order)
    && (isStop ? order.ord_type === "LIMIT" : Boolean(TYPES[order.ord_type]?.isStop)));
}

/** The form with only what goes with its type and with the phase: what does not apply is off, but not forgotten. */
export function settled(form, phase) {
  const tif = tifsOf(form.type, phase).includes(form.tif) ? form.tif : "DAY";
  const can = extrasOf(form.type, tif, phase);
  const isIceberg = can.iceberg && form.isIceberg;
  const postOnly = can.postOnly && form.postOnly;
  const hasPartner = form.pair === NEW_LEG || partnersOf(form).some((order) => order.cl_ord_id === form.pair);
  const now = {
    ...form, tif, can, phase, postOnly, isIceberg,
    isHidden: can.hidden && form.isHidden && !isIceberg,
    minExec: can.minExec && !isIceberg ? form.minExec : "",
    minQty: can.minQty && !postOnly ? form.minQty : "",
    pair: can.pair && hasPartner ? form.pair : "",
    limit: { limit: numberOf(form.price), cap: numberOf(form.cap), none: null }[TYPES[form.type].price],
  };
  return { ...now, endsBelow: now.endsBelow && now.minExec !== "" };
}

/** The texts of the form that become figures of the order, by the order's field. */
function figuresOf(form) {
  const { price, isStop, isTrailing, isPeg } = TYPES[form.type];
  return {
    quantity: form.quantity,
    price: { limit: form.price, cap: form.cap, none: "" }[price],
    stop_price: isStop ? form.stop : "",
    trail: isTrailing ? form.trail : "",
    peg_offset: isPeg ? form.offset : "",
    display_quantity: form.isIceberg ? form.display : "",
    min_exec: form.minExec,
    min_qty: form.minQty,
  };
}

/** What cannot be sent, or null: what is missing in an order the exchange says better, with its reason and its rule. */
export function problem(form) {
  for (const [field, text] of Object.entries({ ...figuresOf(form), oco: form.pair === NEW_LEG ? form.leg : "" })) {
    if (text.trim() !== "" && numberOf(text) === null) return { field, message: `“${text.trim()}” is no number.` };
  }
  if (numberOf(form.quantity) === null) {
    return { field: "quantity", message: "Enter a quantity.", reason: "BAD_QUANTITY", rule: "VAL-04" };
  }
  if (form.isIceberg && numberOf(form.display) === null) {
    const message = "Enter the quantity to show.";
    return { field: "display_quantity", message, reason: "BAD_DISPLAY", rule: "VAL-10" };
  }
  if (form.pair === NEW_LEG && numberOf(form.leg) === null) {
    const message = `Enter the ${TYPES[form.type].isStop ? "limit price" : "stop price"} of the other leg.`;
    return { field: "oco", message, reason: "OCO_NOT_A_PAIR", rule: "VAL-18" };
  }
  return null;
}

const present = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value || value === 0));

/** The order that the form makes, without the other leg of a new pair. */
export function orderOf(form) {
  const figures = Object.entries(figuresOf(form)).map(([field, text]) => [field, numberOf(text)]);
  return {
    symbol: store.selected.value, side: form.side, ord_type: form.type, time_in_force: form.tif,
    ...present(Object.fromEntries(figures)),
    ...present({
      expire_at: isTimed(form.tif) ? instantOf(form.expiry) : null,
      post_only: form.postOnly, hidden: form.isHidden, cancel_below_min: form.endsBelow, self_trade: form.selfTrade,
      cancel_on_disconnect: form.endsWithSession, oco: form.pair === NEW_LEG ? "" : form.pair,
    }),
  };
}

const SHARED = ["symbol", "side", "quantity", "time_in_force", "expire_at", "cancel_on_disconnect"];

/** Both legs of a new pair, the stop first: it waits, so the pair is tied before anything can trade. */
export function legsOf(form) {
  const own = orderOf(form);
  const shared = present(Object.fromEntries(SHARED.map((field) => [field, own[field]])));
  const at = numberOf(form.leg);
  if (TYPES[form.type].isStop) return [own, { ...shared, ord_type: "LIMIT", price: at }];
  return [{ ...shared, ord_type: "STOP", stop_price: at }, own];
}

/** Where a stop of the form would be reached: a trailing one stands at its distance from the last price. */
function stopOf(form) {
  const { isStop, isTrailing } = TYPES[form.type];
  if (!isStop) return null;
  const line = store.tickerOf(store.selected.value).peek();
  const [last, trail] = [line?.last ?? line?.reference ?? null, numberOf(form.trail)];
  const followed = isTrailing && last !== null && trail !== null ? last + (form.side === "BUY" ? trail : -trail) : null;
  return numberOf(form.stop) ?? followed;
}

/** Where an order that does not trade at once would stand, as far as the screen knows. */
function assumedPrice(form, depth) {
  const [bid, ask] = [depth?.bids[0]?.[0] ?? null, depth?.asks[0]?.[0] ?? null];
  if (TYPES[form.type].isPeg) {
    const own = form.side === "BUY" ? bid : ask;
    const followed = form.type === "PEG_MID" && bid !== null && ask !== null ? (bid + ask) / 2 : own;
    const tighter = form.side === "BUY" ? Math.min : Math.max;
    if (form.limit !== null && followed !== null) return tighter(form.limit, followed);
    return form.limit ?? followed ?? touch(form.side);
  }
  return form.limit ?? stopOf(form) ?? touch(form.side);
}

/** What the order would cost: at once by the book, or where it would stand. In a call nothing trades at once. */
export function estimateOf(form) {
  const depth = store.book.value;
  const { isStop, isPeg } = TYPES[form.type];
  const order = { side: form.side, quantity: sizeOf(form), limit: form.limit };
  if (isStop || isPeg || isForLater(form.tif, form.phase)) {
    return estimate(null, { ...order, limit: assumedPrice(form, depth) });
  }
  if (form.type === "MARKET_TO_LIMIT") return estimate(depth, { ...order, limit: touch(form.side) });
  return estimate(depth, order);
}
