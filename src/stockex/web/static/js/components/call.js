// A call auction on screen: the badge, and what the auction would do if it were held now.

import { price, quantity, trend } from "../lib/format.js";
import { html } from "../lib/html.js";
import { surplusText } from "../lib/order-types.js";
import { isCalled, selected, tickerOf, tickOf } from "../lib/store.js";
import { askAuction } from "../lib/why.js";

/** The selected symbol's call with indicative price, volume and imbalance; nothing outside a call. */
export function Call({ testid }) {
  const symbol = selected.value;
  const line = tickerOf(symbol).value;
  if (!isCalled(symbol)) return null;
  const at = line.indicative_price ?? null;
  const surplus = line.indicative_surplus ?? 0;
  const title = "Orders rest until the auction. Indicative: what it would do now";
  return html`<div class="call" data-testid=${testid} title=${title}>
    <span class="badge small warn">${line.phase.replaceAll("_", " ")}</span>
    ${at === null ? html`<span class="muted">No auction price yet</span>`
      : html`<button type="button" class="link-button muted" data-testid="why-auction" title="Why this price?"
          onClick=${() => askAuction(symbol)}>Indicative <b class="price">${price(at, tickOf(symbol))}</b><span
          class="sr-only">, why?</span></button>
        <span class="muted">Vol <b>${quantity(line.indicative_volume ?? 0)}</b></span>`}
    ${(at !== null || surplus !== 0) && html`<span class=${trend(surplus)}>${surplusText(surplus)}</span>`}
  </div>`;
}
