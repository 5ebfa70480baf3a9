// An instrument's phase on screen: the badge with the earliest end, and what the auction would do if it were held now.

import { clock, price, quantity, trend } from "../lib/format.js";
import { html } from "../lib/html.js";
import { surplusText } from "../lib/order-words.js";
import { PHASES, isCall, phaseText } from "../lib/phases.js";
import { ownPhase, selected, tickerOf, tickOf } from "../lib/store.js";
import { askAuction } from "../lib/why.js";

/** The phase of a symbol that does not trade continuously, with its earliest end; nothing where it does. */
export function PhaseBadge({ symbol, testid }) {
  const phase = ownPhase(symbol);
  if (!phase) return null;
  const ends = tickerOf(symbol).value.phase_ends_at ?? null;
  const about = PHASES[phase]?.about ?? "";
  const title = ends === null ? about : `${about}. It ends by itself at ${clock(ends)} or a little later.`;
  return html`<span class="badge small ${phase === "HALTED" || phase === "CLOSED" ? "bad" : "warn"}"
    data-testid=${testid} title=${title}>${phaseText(phase)}${ends !== null && html`
      <time class="ends"><span class="sr-only">ends at the earliest at </span><span aria-hidden="true">≥</span>
      ${clock(ends)}</time>`}</span>`;
}

function Indicative({ symbol, line }) {
  const at = line.indicative_price ?? null;
  const surplus = line.indicative_surplus ?? 0;
  return html`${at === null ? html`<span class="muted">No auction price yet</span>`
    : html`<button type="button" class="link-button muted" data-testid="why-auction" title="Why this price?"
        onClick=${() => askAuction(symbol)}>Indicative <b class="price">${price(at, tickOf(symbol))}</b><span
        class="sr-only">, why?</span></button>
      <span class="muted">Vol <b>${quantity(line.indicative_volume ?? 0)}</b></span>`}
    ${(at !== null || surplus !== 0) && html`<span class=${trend(surplus)}>${surplusText(surplus)}</span>`}`;
}

/** What began the volatility call, how often it was extended, and whether it ends by itself. */
function Cause({ symbol, line }) {
  const { interruption: cause, phase_ends_at: ends } = line;
  if (!cause) return null;
  const tick = tickOf(symbol);
  const times = { 0: "", 1: "Extended once. " }[cause.extensions] ?? `Extended ${cause.extensions} times. `;
  return html`<span class="cause">A trade at <b>${price(cause.price, tick)}</b> would have left the
    ${" "}${cause.range.toLowerCase()} range <b>${span(cause.low, cause.high, tick)}</b> around
    ${" "}${price(cause.reference, tick)}. ${times}${ends === null && "The operator ends the call."}</span>`;
}

const span = (low, high, tick) => `${price(low, tick)}–${price(high, tick)}`;

/** Between which prices a symbol trades now, and which limits it takes; nothing where there are no bounds. */
export function Bounds({ symbol }) {
  const line = tickerOf(symbol).value;
  const tick = tickOf(symbol);
  const part = (name, title, low, high) => low !== null && low !== undefined && html`<span title=${title}><span
    class="muted">${name}</span> ${span(low, high, tick)}</span>`;
  const parts = line && [
    part("Range", "A trade beyond it begins a volatility call", line.range_low, line.range_high),
    part("Limits", "Limits beyond this band are refused", line.band_low, line.band_high),
  ].filter(Boolean);
  return parts?.length > 0 ? html`<span class="bounds" data-testid="bounds">${parts}</span>` : null;
}

/** The selected symbol's phase: in a call with indicative price, volume and imbalance; nothing in continuous trading. */
export function Call({ testid }) {
  const symbol = selected.value;
  const phase = ownPhase(symbol);
  if (!phase) return null;
  return html`<div class="call" data-testid=${testid}><${PhaseBadge} symbol=${symbol} />
    ${isCall(phase) ? html`<${Indicative} symbol=${symbol} line=${tickerOf(symbol).value} />
        <${Cause} symbol=${symbol} line=${tickerOf(symbol).value} />`
      : html`<span class="muted">${PHASES[phase]?.about}</span>`}</div>`;
}
