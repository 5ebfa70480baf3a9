// The FIX page: a client for everybody who opens it.

import { render } from "preact";

import { ThemeToggle } from "../components/header.js";
import { Notices } from "../components/notices.js";
import { html } from "../lib/html.js";
import { Blotter } from "./blotter.js";
import { Detail } from "./detail.js";
import { Log } from "./log.js";
import { Session, SessionBadge } from "./session.js";
import { isLive, isReady, isUp, session, startStream } from "./store.js";
import { Ticket } from "./ticket.js";

function Status() {
  const { sender, target } = session.value;
  return html`${isUp.value && html`<span class="badge pair-badge" title="SenderCompID and TargetCompID">${`${sender} ⇄ ${target}`}</span>`}
    ${isReady.value && !isLive.value ? html`<span class="badge bad" data-testid="fix-offline">Offline</span>`
    : html`<${SessionBadge} />`}<${ThemeToggle} />`;
}

function Page() {
  return html`<div class="left"><${Session} /><${Ticket} /></div><${Blotter} /><${Log} /><${Detail} />`;
}

render(html`<${Status} />`, document.getElementById("status"));
render(html`<${Notices} />`, document.getElementById("notices"));
render(html`<${Page} />`, document.getElementById("page"));
startStream();
