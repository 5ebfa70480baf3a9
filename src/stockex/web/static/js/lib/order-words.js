// An order in words, as the blotter, the ticket and the notices say it.

import { dayMinute, label, price, quantity, signedPrice } from "./format.js";
import { SELF_TRADES, TIFS, TYPES, isTimed } from "./order-types.js";

/** The stop price with what moves it: "@ 25.40", "0.50 away, now 25.40". */
function stopText({ stop_price: stop = null, trail = null }, tick) {
  if (trail === null) return `@ ${price(stop, tick)}`;
  return `${price(trail, tick)} away${stop === null ? "" : `, now ${price(stop, tick)}`}`;
}

/** The type of an order as its owner reads it: "Stop @ 25.40", "Peg to mid +0.02", "Iceberg 100/1,000", "Hidden". */
export function kindOf(order, tick) {
  const { name = label(order.ord_type), isStop } = TYPES[order.ord_type] ?? {};
  const stop = order.stop_price ?? null;
  const live = stop === null ? name : `${name} after stop ${price(stop, tick)}`;
  const pegged = order.peg_offset ? `${name} ${signedPrice(order.peg_offset, tick)}` : live;
  const full = isStop ? `${name} ${stopText(order, tick)}` : pegged;
  const extra = order.display_quantity ? `Iceberg ${quantity(order.display_quantity)}/${quantity(order.quantity)}`
    : order.hidden ? "Hidden" : "";
  if (!extra) return full;
  return full === "Limit" ? extra : `${full}, ${extra.toLowerCase()}`;
}

/** The price of an order: an unpriced one goes at market, a peg without a price has none yet. */
export function orderPrice(order, tick) {
  if (order.price !== null) return price(order.price, tick);
  return TYPES[order.ord_type]?.isPeg ? "–" : "Market";
}

/** How long an order lives: "Day", "Until 1 Dec, 17:30". */
export function lifeOf({ time_in_force: tif, expire_at: expiry }) {
  return isTimed(tif) ? `Until ${dayMinute(expiry)}` : TIFS[tif]?.[0] ?? tif;
}

/** What else was asked of an order, each in a few words. */
export function termsOf(order) {
  return [
    order.post_only && "post-only",
    order.min_exec && `at least ${quantity(order.min_exec)} a trade`,
    order.min_qty && `at least ${quantity(order.min_qty)} at once`,
    order.cancel_on_disconnect && "ends at logout",
  ].filter(Boolean);
}

/** The same with what few people ask: how long it lives, explained, and what happens when it meets an own order. */
export function allTermsOf(order) {
  const own = SELF_TRADES[order.self_trade];
  return [TIFS[order.time_in_force]?.[1], ...termsOf(order).map((term) => `${term}.`),
    own && `Meets an own order: ${own.toLowerCase()}.`].filter(Boolean).join(" ");
}

/** What a waiting order waits for. */
export function waitsFor(order, tick) {
  if (order.time_in_force === "AT_CLOSE") return "waits for the closing call";
  if (!TYPES[order.ord_type]?.isStop) return "waits for a price to follow";
  if ((order.stop_price ?? null) === null) return "waits for a first trade to follow";
  return `waits for a trade at ${price(order.stop_price, tick)} or ${order.side === "BUY" ? "higher" : "lower"}`;
}

/** An auction's surplus in words: "buy surplus +1,200". */
export function surplusText(surplus) {
  if (!surplus) return "balanced";
  return surplus > 0 ? `buy surplus +${quantity(surplus)}` : `sell surplus ${quantity(surplus)}`;
}
