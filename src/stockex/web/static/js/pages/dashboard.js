// The trading screen.

import { Account } from "../components/account.js";
import { Blotter } from "../components/blotter.js";
import { Book } from "../components/book.js";
import { Chart } from "../components/chart.js";
import { Market } from "../components/market.js";
import { Tape } from "../components/tape.js";
import { Ticket } from "../components/ticket.js";
import { html } from "../lib/html.js";
import { start } from "./frame.js";

function Dashboard() {
  return html`<${Chart} /><${Market} /><${Blotter} /><${Book} /><${Tape} /><${Ticket} /><${Account} />`;
}

start(Dashboard, { isPriced: true });
