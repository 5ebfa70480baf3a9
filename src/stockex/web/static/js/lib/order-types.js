// What an order can be: which fields each type has, which times in force go with it, and which terms besides.

import { gathers } from "./phases.js";

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
  TRAILING_STOP: {
    name: "Trailing stop", price: "none", isStop: true, isTrailing: true,
    about: (isBuy) => `A stop that follows the price ${isBuy ? "down" : "up"} at a distance, then goes at market.`,
  },
  TRAILING_STOP_LIMIT: {
    name: "Trailing stop limit", price: "limit", isStop: true, isTrailing: true,
    about: (isBuy) => `A stop that follows the price ${isBuy ? "down" : "up"} at a distance, then a limit order.`,
  },
  PEG_PRIMARY: {
    name: "Peg to best", price: "cap", isPeg: true, about: (isBuy) => `Follows the best ${isBuy ? "bid" : "ask"}.`,
  },
  PEG_MID: { name: "Peg to mid", price: "cap", isPeg: true, about: () => "Follows the middle of bid and ask." },
};

/** How long an order lives: in a few words, and explained. */
export const TIFS = {
  DAY: ["Day", "Until the end of the day."],
  GTC: ["Until cancelled", "Over days, until it is cancelled (GTC)."],
  IOC: ["At once (IOC)", "Trades what it can at once; the rest is cancelled (IOC)."],
  FOK: ["All or none (FOK)", "Trades all of it at once, or nothing (FOK)."],
  GTD: ["Until a date", "Over days, until an instant (GTD)."],
  GTT: ["Until a time", "Until an instant, or the end of the day (GTT)."],
  GFA: ["This auction", "For the auction of this call only (GFA)."],
  AT_OPEN: ["At the opening", "For the opening auction only."],
  AT_CLOSE: ["At the close", "Waits for the closing auction, and is for that only."],
};

export const SELF_TRADES = {
  CANCEL_NEWEST: "Cancel the newer order",
  CANCEL_OLDEST: "Cancel the older order",
  CANCEL_BOTH: "Cancel both orders",
  DECREMENT_AND_CANCEL: "Take off both, cancel the smaller",
  ALLOW: "Let them trade",
};

const STANDING = ["DAY", "GTC", "GTD", "GTT"];

/** Whether an order stands in every phase, until it is cancelled, its time is up or the day ends. */
export const isStanding = (tif) => STANDING.includes(tif);
export const isTimed = (tif) => tif === "GTD" || tif === "GTT";

/** Whether nothing of a new order can trade before an auction. */
export const isForLater = (tif, phase) => gathers(phase) || tif === "AT_CLOSE";

/** The times in force that go with a type in a phase of the instrument. */
export function tifsOf(type, phase) {
  const { isStop, isPeg } = TYPES[type];
  const isForAuction = !isStop && !isPeg;
  const goes = {
    IOC: !isPeg && !gathers(phase),
    FOK: !isPeg && !gathers(phase),
    GFA: isForAuction && gathers(phase),
    AT_OPEN: isForAuction && (phase === "PRE_OPEN" || phase === "OPENING_CALL"),
    AT_CLOSE: isForAuction && phase !== "TRADING_AT_LAST",
  };
  return Object.keys(TIFS).filter((tif) => isStanding(tif) || goes[tif]);
}

/** Which further terms a type and a time in force leave room for. */
export function extrasOf(type, tif, phase) {
  const { isStop, isPeg, price: priced } = TYPES[type];
  const rests = tif !== "IOC" && tif !== "FOK";
  const isBounded = priced === "limit" || Boolean(isPeg);
  return {
    postOnly: type === "LIMIT" && rests,
    iceberg: rests && priced === "limit",
    hidden: rests && isBounded,
    minExec: rests && isBounded,
    minQty: !isStop && !isPeg && !isForLater(tif, phase),
    pair: (type === "LIMIT" || Boolean(isStop)) && isStanding(tif),
  };
}
