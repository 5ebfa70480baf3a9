// What an order can be: which fields each type has, which times in force go with it, how the screens name it.

import { price, quantity } from "./format.js";

/**
 * `price` is how the type is priced: a `limit` of its own, a `cap` it may have, or `none`. `about` explains it in one
 * line for each side.
 */
export const TYPES = {
  LIMIT: { name: "Limit", price: "limit", about: () => "Your price or better; the rest waits in the book." },
  MARKET: { name: "Market", price: "none", about: () => "Trades now, at the best prices there are." },
  MARKET_TO_LIMIT: {
    name: "Market to limit", price: "none", about: () => "Takes the best price; the rest becomes a limit there.",
  },
  STOP: {
    name: "Stop", price: "none", isStop: true,
    about: (isBuy) => `Waits for the stop or ${isBuy ? "higher" : "lower"}, then goes at market.`,
  },
  STOP_LIMIT: {
    name: "Stop limit", price: "limit", isStop: true,
    about: (isBuy) => `Waits for the stop or ${isBuy ? "higher" : "lower"}, then a limit order.`,
  },
  PEG_PRIMARY: {
    name: "Peg to best", price: "cap", isPeg: true, about: (isBuy) => `Follows the best ${isBuy ? "bid" : "ask"}.`,
  },
  PEG_MID: { name: "Peg to mid", price: "cap", isPeg: true, about: () => "Follows the middle of bid and ask." },
};

export const TIFS = {
  DAY: "until the end of the day",
  GTC: "until cancelled",
  IOC: "what trades at once",
  FOK: "all at once or nothing",
  GFA: "for this auction only",
};

/** The times in force that go with a type now: a call takes no IOC and no FOK, only a call takes GFA. */
export function tifsOf(type, isCall) {
  const { isStop, isPeg } = TYPES[type];
  return Object.keys(TIFS).filter((tif) => {
    if (tif === "GFA") return isCall && !isStop && !isPeg;
    return tif === "DAY" || tif === "GTC" || (!isCall && !isPeg);
  });
}

/** Which of the extras a type and a time in force leave room for. */
export function extrasOf(type, tif) {
  const { isPeg, price: priced } = TYPES[type];
  const rests = tif !== "IOC" && tif !== "FOK";
  return {
    postOnly: type === "LIMIT" && (tif === "DAY" || tif === "GTC"),
    iceberg: rests && priced === "limit",
    hidden: rests && (priced === "limit" || Boolean(isPeg)),
  };
}

/** The type of an order as its owner reads it: "Stop @ 25.40", "Peg mid", "Iceberg 100/1,000", "Hidden". */
export function kindOf(order, tick) {
  const stop = order.stop_price ?? null;
  const type = {
    LIMIT: "Limit", MARKET: "Market", MARKET_TO_LIMIT: "Market to limit", STOP: `Stop @ ${price(stop, tick)}`,
    STOP_LIMIT: `Stop limit @ ${price(stop, tick)}`, PEG_PRIMARY: "Peg best", PEG_MID: "Peg mid",
  }[order.ord_type] ?? order.ord_type;
  const isReached = stop !== null && !TYPES[order.ord_type]?.isStop;
  const full = isReached ? `${type} after stop ${price(stop, tick)}` : type;
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

/** What a waiting order waits for. */
export function waitsFor(order, tick) {
  if (!TYPES[order.ord_type]?.isStop) return "waits for a price to follow";
  return `waits for a trade at ${price(order.stop_price, tick)} or ${order.side === "BUY" ? "higher" : "lower"}`;
}

/** An auction's surplus in words: "buy surplus +1,200". */
export function surplusText(surplus) {
  if (!surplus) return "balanced";
  return surplus > 0 ? `buy surplus +${quantity(surplus)}` : `sell surplus ${quantity(surplus)}`;
}
