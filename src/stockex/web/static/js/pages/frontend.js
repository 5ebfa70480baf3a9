// The order entry: quote, ticket, own orders and fills, and the keys that reach them.

import { Account } from "../components/account.js";
import { Blotter, Fills } from "../components/blotter.js";
import { Touch } from "../components/quote.js";
import { Ticket } from "../components/ticket.js";
import { html } from "../lib/html.js";
import { KEYS, useKeys } from "../lib/keys.js";
import { isTrader } from "../lib/store.js";
import { start } from "./frame.js";

function Keys() {
  useKeys();
  return html`<ul class="keys" aria-label="Keys">${KEYS.map(([key, code, what]) => html`<li key=${code}>
    ${key.split(" ").map((each) => html`<kbd key=${each}>${each}</kbd>`)} ${what}</li>`)}</ul>`;
}

function Frontend() {
  return html`<${Touch} /><${Ticket} isQuick /><${Blotter} hasFills=${false} />
    ${isTrader.value && html`<${Fills} /><${Account} /><${Keys} />`}`;
}

start(Frontend, { isPriced: true });
