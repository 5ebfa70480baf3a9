// What an order would cost by the book on screen. Sums in whole 1/10 000 euro. An estimate: the engine decides.

import { toEuro, toUnits } from "./format.js";

/** Walk the opposite levels: `{quantity, average}` that would trade at once. `limit` null takes any price. */
export function marketable(levels, { side, quantity, limit }) {
  let left = quantity;
  let units = 0;
  for (const [price, available] of levels) {
    const isBeyond = limit !== null && (side === "BUY" ? price > limit : price < limit);
    if (left <= 0 || isBeyond) break;
    const taken = Math.min(left, available);
    units += taken * toUnits(price);
    left -= taken;
  }
  const traded = quantity - left;
  return { quantity: traded, value: toEuro(units), average: traded > 0 ? toEuro(units / traded) : null };
}

/** The value of the whole order, what trades at once, and what would be left. */
export function estimate(depth, order) {
  const levels = (order.side === "BUY" ? depth?.asks : depth?.bids) ?? [];
  const now = marketable(levels, order);
  const rest = order.quantity - now.quantity;
  const restValue = order.limit === null ? 0 : toEuro(rest * toUnits(order.limit));
  return { now, rest, value: now.value + restValue };
}

/** The largest whole number of lots that `share` (0 to 1) of cash or holding covers. */
export function affordable({ side, share, cash, held, price, lot }) {
  if (side === "SELL") return Math.floor((held * share) / lot) * lot;
  if (!price) return 0;
  return Math.floor(Math.floor((toUnits(cash) * share) / toUnits(price)) / lot) * lot;
}

/** Move a distance, which may be below zero, by `steps` ticks and onto the grid. */
export function shifted(distance, steps, tick) {
  const grid = toUnits(tick);
  return toEuro((Math.round(toUnits(distance) / grid) + steps) * grid);
}

/** Move `price` by `steps` ticks and onto the tick grid, never below one tick. */
export function stepped(price, steps, tick) {
  const grid = toUnits(tick);
  const at = Math.round(toUnits(price) / grid) + steps;
  return toEuro(Math.max(1, at) * grid);
}
