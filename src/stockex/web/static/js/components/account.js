// Money and positions of who is logged in: tiles, and the table of holdings.

import { money, price, quantity, signedMoney } from "../lib/format.js";
import { html } from "../lib/html.js";
import { isTrader, me, portfolio, select, tickOf } from "../lib/store.js";
import { Empty, LoginInvite, Panel, Signed } from "./parts.js";

function Tile({ name, testid, children, note }) {
  return html`<div class="tile"><dt>${name}</dt><dd data-testid=${testid}>${children}</dd>
    ${note && html`<dd class="note">${note}</dd>`}</div>`;
}

export function Tiles() {
  const view = portfolio.value;
  if (!view) return html`<dl class="tiles"></dl>`;
  return html`<dl class="tiles">
    <${Tile} name="Cash" testid="cash" note=${view.reserved > 0 && `${money(view.reserved)} reserved`}>
      ${money(view.capital)}<//>
    <${Tile} name="Available" testid="cash-available">${money(view.available)}<//>
    <${Tile} name="Holdings" testid="holdings-value">${money(view.holdings_value)}<//>
    <${Tile} name="Total value" testid="total-value">${money(view.total_value)}<//>
    <${Tile} name="P&L" testid="pnl" note=${`${signedMoney(view.realized_pnl)} realised`}>
      <${Signed} value=${view.pnl}>${signedMoney(view.pnl)}<//><//>
    ${view.obligation > 0 && html`<${Tile} name="Traded today" testid="obligation"
      note=${view.obligation_met ? "✓ obligation met" : "obligation open"}>
      ${quantity(view.daily.total_securities)} / ${quantity(view.obligation)}<//>`}
  </dl>`;
}

export function Holdings({ holdings, isOwn = true }) {
  if (holdings.length === 0) return html`<${Empty} title="No holdings" />`;
  const num = (text) => html`<th scope="col" class="num">${text}</th>`;
  return html`<table class="holdings"><caption>Holdings</caption>
    <thead><tr><th scope="col">Symbol</th>${num("Quantity")}${num("Average")}${num("Price")}${num("Value")}
      ${num("Unrealised")}</tr></thead>
    <tbody>${holdings.map((holding) => html`<tr key=${holding.symbol}>
      <th scope="row">${isOwn ? html`<button type="button" class="link-button"
        onClick=${() => select(holding.symbol)}>${holding.symbol}</button>` : holding.symbol}</th>
      <td class="num strong" title=${holding.reserved > 0 ? `${holding.reserved} in open sell orders` : undefined}
        data-testid=${isOwn ? `position-${holding.symbol}` : undefined}>${quantity(holding.quantity)}</td>
      <td class="num">${price(holding.avg_cost, 0.0001)}</td>
      <td class="num">${price(holding.current_price, tickOf(holding.symbol))}</td>
      <td class="num">${money(holding.value)}</td>
      <td class="num"><${Signed} value=${holding.unrealized_pnl}>${signedMoney(holding.unrealized_pnl)}<//></td>
    </tr>`)}</tbody></table>`;
}

/** The dashboard's account panel: tiles and holdings together. */
export function Account() {
  const head = me.value.user && html`<a href="/ch/portfolio">Portfolio</a>`;
  const body = isTrader.value ? html`<${Tiles} /><div class="scroll" tabindex="0" role="group" aria-label="Positions">
      <${Holdings} holdings=${portfolio.value?.holdings ?? []} /></div>`
    : html`<${LoginInvite} title="Your account" text="Cash, positions and profit, live." />`;
  return html`<${Panel} title="Account" name="account" head=${head}>${body}<//>`;
}
