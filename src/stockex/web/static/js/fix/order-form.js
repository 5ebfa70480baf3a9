// The order form as data. It lets everything through that a message can say: what is wrong the venue is to say.

import { TIFS, TYPES, isTimed } from "../lib/order-types.js";
import { place } from "./store.js";

export const FRESH = {
  side: "BUY", type: "LIMIT", tif: "DAY", symbol: place.symbols[0] ?? "", quantity: "10", price: "", stop: "",
  offset: "", trail: "", expiry: "", clOrdId: "", display: "", minQty: "", postOnly: false, hidden: false,
  endsWithSession: false, leg: "", extra: "",
};

export const TYPE_CHOICES = Object.entries(TYPES).map(([type, { name }]) => [type, name]);
export const TIF_CHOICES = Object.entries(TIFS).map(([tif, [name]]) => [tif, name]);

/** Which fields a type has. */
export function fieldsOf({ type, tif }) {
  const { price, isStop, isTrailing, isPeg } = TYPES[type];
  return {
    price: price !== "none", isBound: price === "cap", stop: Boolean(isStop), trail: Boolean(isTrailing),
    offset: Boolean(isPeg), expiry: isTimed(tif), leg: type === "LIMIT" || type === "STOP",
  };
}

const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== false));

/** A number as JSON has it; text that is none goes on as it is, for the answer to say so. */
const number = (text) => {
  const plain = text.replaceAll(",", "").trim();
  if (plain === "") return null;
  return Number.isNaN(Number(plain)) ? plain : Number(plain);
};

/** The order as REST would have it, and the other leg of a pair if there is one. */
export function ordersOf(form) {
  const has = fieldsOf(form);
  const order = given({
    cl_ord_id: form.clOrdId.trim() || null,
    symbol: form.symbol.trim(), side: form.side, quantity: number(form.quantity) ?? 0,
    ord_type: form.type, time_in_force: form.tif,
    price: has.price ? number(form.price) : null,
    stop_price: has.stop ? number(form.stop) : null,
    trail: has.trail ? number(form.trail) : null,
    peg_offset: has.offset ? number(form.offset) : null,
    expire_at: has.expiry && form.expiry ? new Date(form.expiry).getTime() / 1000 : null,
    display_quantity: number(form.display),
    min_qty: form.hidden ? null : number(form.minQty),
    min_exec: form.hidden ? number(form.minQty) : null,
    post_only: form.postOnly, hidden: form.hidden, cancel_on_disconnect: form.endsWithSession,
  });
  const leg = has.leg ? number(form.leg) : null;
  if (leg === null) return [order];
  const { symbol, side, quantity, time_in_force: tif } = order;
  const shared = { symbol, side, quantity, time_in_force: tif };
  return form.type === "STOP" ? [order, { ...shared, ord_type: "LIMIT", price: leg }]
    : [{ ...shared, ord_type: "STOP", stop_price: leg }, order];
}

export const askOf = (form) => ({ kind: "new", orders: ordersOf(form), extra: form.extra.trim() });

/** What is chosen of the folded part, in a few words. */
export const chosenOf = (form) => [
  form.postOnly && "post-only", form.display && "iceberg", form.hidden && "hidden", form.minQty && "minimum",
  form.leg && fieldsOf(form).leg && "OCO", form.endsWithSession && "ends with session", form.clOrdId && "ClOrdID",
  form.extra && "extra tags",
].filter(Boolean).join(", ");
