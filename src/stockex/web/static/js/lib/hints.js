// What the market's settings say of a form before it is sent. The exchange decides; these are hints, not refusals.

import { fieldPrice, money, price, quantity, toEuro, toUnits } from "./format.js";
import { TYPES } from "./order-types.js";
import * as store from "./store.js";
import { numberOf, sizeOf } from "./ticket-form.js";

/** The step of the grid at a price, in whole units: by the tick table, or the instrument's one tick. */
function tickAt({ tick, tick_table: table }, units) {
  const row = table.findLast(([start]) => toUnits(start) <= units);
  return toUnits(row ? row[1] : tick);
}

function offGrid(name, at, listed) {
  const units = toUnits(at);
  const grid = tickAt(listed, units);
  if (units % grid === 0 || units <= 0) return null;
  const [below, above] = [Math.floor(units / grid), Math.ceil(units / grid)].map((steps) => toEuro(steps * grid));
  const text = (value) => fieldPrice(value, toEuro(grid));
  return `${name} is off the tick ${text(toEuro(grid))}: ${text(below)} or ${text(above)}.`;
}

function prices(form, listed, line) {
  const { isStop, isPeg } = TYPES[form.type];
  const named = [[isPeg ? "Bound" : "Limit", form.limit], ["Stop", isStop ? numberOf(form.stop) : null]]
    .filter(([, at]) => at !== null);
  const [low, high] = [line?.band_low ?? null, line?.band_high ?? null];
  const { limit } = form;
  const isOutside = limit !== null && low !== null && (limit < low || limit > high);
  return [
    ...named.map(([name, at]) => offGrid(name, at, listed)),
    isOutside && `Limits are taken from ${price(low, listed.tick)} to ${price(high, listed.tick)}.`,
  ];
}

function sizes(form, { lot, max_quantity: most, max_value: mostValue }, value) {
  const size = sizeOf(form);
  return [
    size > 0 && size % lot !== 0 && `Quantities come in lots of ${quantity(lot)}.`,
    most !== null && size > most && `One order has at most ${quantity(most)}.`,
    mostValue !== null && value > mostValue && `One order is worth at most ${money(mostValue)}.`,
  ];
}

/** The sentences that go with a form whose order is worth `value` euro. */
export function hintsOf(form, value) {
  const listed = store.instrument.value;
  if (!listed) return [];
  const line = store.tickerOf(listed.symbol).value;
  return [...sizes(form, listed, value), ...prices(form, listed, line)].filter(Boolean);
}
