// The selected symbol's price, and its best bid and ask as buttons that fill the ticket.

import { useFlash } from "../lib/flash.js";
import { compact, fixed, price, quantity } from "../lib/format.js";
import { html } from "../lib/html.js";
import { instrument, selected, tickerOf, ticketFill } from "../lib/store.js";
import { Bounds, Call } from "./call.js";
import { Panel, Signed } from "./parts.js";

/** Name, last price and change of the day. */
export function Quote() {
  const line = tickerOf(selected.value).value;
  const tick = instrument.value?.tick;
  if (!line) return html`<div class="quote"></div>`;
  return html`<div class="quote">
    <span class="strong">${selected.value}</span><span class="muted name">${line.name}</span>
    <span class="price" data-testid="last"><${Signed} value=${line.move}>${price(line.last ?? line.reference, tick)}<//></span>
    <span class=${line.change > 0 ? "up" : line.change < 0 ? "down" : "muted"}>
      ${line.change > 0 && "+"}${price(line.change, tick)} (${fixed(line.change_pct, 2)}%)</span>
  </div>`;
}

/** One side's best price; a click puts it into the ticket of who would trade with it. */
function Best({ name, side, value, size }) {
  const tick = instrument.value?.tick;
  const flashed = useFlash(value);
  const isThere = value !== null && value !== undefined;
  const does = `${side === "BUY" ? "Buy" : "Sell"} at the best ${name.toLowerCase()}`;
  return html`<button type="button" class="best ${name === "Bid" ? "up" : "down"}" ref=${flashed} disabled=${!isThere}
    title=${does} data-testid=${`best-${name.toLowerCase()}`}
    onClick=${() => { ticketFill.value = { price: value, side }; }}>
    <span class="label">${name}</span><b>${price(value, tick)}</b><span class="muted">${quantity(size)}</span>
    <span class="sr-only">, ${does.toLowerCase()}</span></button>`;
}

/** What somebody needs to see who sends orders: the touch, the last price, the day, and where prices may be. */
export function Touch() {
  const line = tickerOf(selected.value).value;
  const tick = instrument.value?.tick;
  const part = (name, text) => html`<span><span class="muted">${name}</span> ${text}</span>`;
  return html`<${Panel} title="Quote" name="quote" head=${html`<span class="muted">${selected.value}</span>`}>
    <div class="touch"><${Quote} /><div class="bests">
        <${Best} name="Bid" side="SELL" value=${line?.best_bid ?? null} size=${line?.bid_size} />
        <${Best} name="Ask" side="BUY" value=${line?.best_ask ?? null} size=${line?.ask_size} /></div>
      <${Call} testid="quote-call" />
      <div class="legend">${line && html`${part("Open", price(line.open, tick))}${part("High", price(line.high, tick))}
        ${part("Low", price(line.low, tick))}${part("VWAP", fixed(line.vwap, 4))}${part("Vol", compact(line.volume))}
        ${part("Close before", price(line.reference, tick))}`}<${Bounds} symbol=${selected.value} /></div></div>
  <//>`;
}
