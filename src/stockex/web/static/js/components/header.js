// The right end of the top bar: session, clock, connection, theme, who is logged in.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { clock } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { connection, me, session } from "../lib/store.js";
import { theme, toggleTheme } from "../lib/theme.js";
import { loginAddress, useEvery } from "./parts.js";

export function SessionBadge() {
  const view = session.value;
  const [text, tone] = !view ? ["…", ""] : view.suspended ? ["SUSPENDED", "warn"]
    : view.active ? ["OPEN", "good"] : ["CLOSED", "bad"];
  return html`<span class="badge ${tone}" data-testid="session-badge" title="Trading session">
    ${text}${view?.day > 0 && html`<span class="day">Day ${view.day}</span>`}
  </span>`;
}

const CONNECTIONS = {
  live: ["Live", "good", "Prices arrive as they change"],
  connecting: ["Connecting", "warn", "Reaching the exchange"],
  stale: ["Stale", "warn", "Nothing has arrived for a while: figures may be old"],
  offline: ["Offline", "bad", "The exchange cannot be reached; trying again"],
};

export function ConnectionBadge() {
  const [text, tone, title] = CONNECTIONS[connection.value];
  return html`<span class="badge connection ${tone}" data-testid="connection-badge" data-state=${connection.value}
    title=${title}><span class="dot" aria-hidden="true"></span><span class="badge-text">${text}</span></span>`;
}

function Clock() {
  const [now, setNow] = useState(Date.now());
  useEvery(1_000, () => setNow(Date.now()));
  return html`<time class="clock" title="Your local time">${clock(now / 1000)}</time>`;
}

export function ThemeToggle() {
  const other = theme.value === "dark" ? "light" : "dark";
  return html`<button ...${button("ghost icon")} data-testid="theme-toggle" aria-label=${`Use the ${other} theme`}
    title=${`Use the ${other} theme`} onClick=${toggleTheme}>
    <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path fill="currentColor"
      d="M10 1.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17m0 2v13a6.5 6.5 0 0 1 0-13" /></svg>
  </button>`;
}

async function logOut() {
  await api.logout().catch(() => null);
  window.location.assign(window.location.pathname.startsWith("/ch/portfolio") ? "/ch/" : window.location.pathname);
}

function Account() {
  const { user } = me.value;
  if (!user) return html`<a class="button primary" data-testid="login-link" href=${loginAddress()}>Log in</a>`;
  return html`<span class="who"><a class="user" href="/ch/portfolio" data-testid="user">${user}</a>
    <button ...${button("ghost")} data-testid="logout" onClick=${logOut}>Log out</button></span>`;
}

export function Status() {
  return html`<${SessionBadge} /><${ConnectionBadge} /><${Clock} /><${ThemeToggle} /><${Account} />`;
}
