// One account: money, holdings, ticket, orders, settled days. Everything is live; the form is never wiped.

import { Holdings, Tiles } from "../components/account.js";
import { Blotter } from "../components/blotter.js";
import { Book } from "../components/book.js";
import { LoginInvite, Panel } from "../components/parts.js";
import { Settlements } from "../components/settlements.js";
import { Ticket } from "../components/ticket.js";
import { html } from "../lib/html.js";
import { isTrader, portfolio } from "../lib/store.js";
import { start } from "./frame.js";

function Portfolio() {
  if (!isTrader.value) {
    return html`<${Panel} title="Portfolio"><${LoginInvite} title="Your account"
      text="Log in as a member or a client to see cash, holdings and orders." /><//>`;
  }
  return html`<div class="span"><${Tiles} /></div>
    <div class="column"><${Panel} title="Holdings" name="holdings">
      <div class="scroll" tabindex="0" role="group" aria-label="Holdings">
        <${Holdings} holdings=${portfolio.value?.holdings ?? []} /></div><//>
      <${Blotter} /><${Settlements} /></div>
    <div class="column"><${Ticket} /><${Book} /></div>`;
}

start(Portfolio);
