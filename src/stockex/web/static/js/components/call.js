// An instrument's phase on screen: the badge with the earliest end, and what the auction would do if it were held now.

import { clock, price, quantity, trend } from "../lib/format.js";
import { html } from "../lib/html.js";
import { surplusText } from "../lib/order-types.js";
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

/** The selected symbol's phase: in a call with indicative price, volume and imbalance; nothing in continuous trading. */
export function Call({ testid }) {
  const symbol = selected.value;
  const phase = ownPhase(symbol);
  if (!phase) return null;
  return html`<div class="call" data-testid=${testid}><${PhaseBadge} symbol=${symbol} />
    ${isCall(phase) ? html`<${Indicative} symbol=${symbol} line=${tickerOf(symbol).value} />`
      : html`<span class="muted">${PHASES[phase]?.about}</span>`}</div>`;
}
