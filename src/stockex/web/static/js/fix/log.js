// The log of messages: newest first, raw or in words, filtered, copied, exported.

import { computed, signal } from "@preact/signals";

import { Empty, Panel, Segments } from "../components/parts.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { api, entries, onlyOrder, orders, selected, shown } from "./store.js";
import { piped, stampOf } from "./words.js";

const SHOWN = 300;

const look = signal("words");
const wanted = signal("");
const way = signal("all");
const hasBeats = signal(false);
const frozen = signal(null);

/** All ClOrdIDs that one order has had: what a message about it names. */
function namesOf(key) {
  const line = orders.value.get(key);
  return [key, line?.cl_ord_id, line?.order_id && `37=${line.order_id}\u0001`].filter(Boolean);
}

const listed = computed(() => {
  const text = wanted.value.trim().toLowerCase();
  const names = onlyOrder.value ? namesOf(onlyOrder.value) : null;
  const isListed = (entry) => (way.value === "all" || entry.way === way.value)
    && (hasBeats.value || !["0", "1"].includes(entry.msg_type) || entry.fault)
    && (!names || names.some((name) => entry.raw.includes(name)))
    && (!text || `${piped(entry.raw)} ${entry.name} ${entry.text} ${entry.fault}`.toLowerCase().includes(text));
  return (frozen.value ?? entries.value).filter(isListed).slice(-SHOWN).reverse();
});

const WAYS = { out: ["▲", "Sent", "up"], in: ["▼", "Received", "in"], note: ["●", "Note", "muted"] };

function Row({ entry }) {
  const [glyph, word, tone] = WAYS[entry.way];
  const isShown = shown.value?.id === entry.id;
  const what = entry.way === "note" ? html`<span class="note">${entry.text}</span>`
    : look.value === "raw" ? html`<code>${piped(entry.raw)}</code>`
      : html`<b>${entry.name || "Garbled"}</b><span class="gist">${entry.fault
        ? html`<span class="down">${entry.fault}</span>` : entry.text}</span>`;
  return html`<li data-way=${entry.way} data-type=${entry.msg_type} class=${entry.fault ? "faulty" : ""}><button
    type="button" aria-pressed=${String(isShown)} disabled=${entry.way === "note"} data-testid="fix-entry"
    onClick=${() => { selected.value = entry.id; }}>
    <time>${stampOf(entry.at)}</time><span class="way ${tone}" aria-hidden="true">${glyph}</span>
    <span class="sr-only">${word}</span><span class="seq">${entry.number}</span>
    <span class="type">${entry.msg_type}</span><span class="what">${what}</span></button></li>`;
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied`);
  } catch {
    tell("The browser does not let this page copy", { tone: "warn" });
  }
}

const copyAll = () => copy(
  listed.value.toReversed().map((entry) => `${stampOf(entry.at)} ${entry.way} ${piped(entry.raw) || entry.text}`).join("\n"),
  `${listed.value.length} lines`,
);

const pause = () => { frozen.value = frozen.value ? null : entries.value; };

function Tools() {
  const check = (text, of, testid) => html`<label class="check"><input type="checkbox" checked=${of.value}
    data-testid=${testid} onChange=${(event) => { of.value = event.target.checked; }} />${text}</label>`;
  return html`<div class="tools">
    <input class="input" type="search" placeholder="35=8, ALPHA, rejected" aria-label="Filter the log"
      data-testid="fix-filter" value=${wanted.value} onInput=${(event) => { wanted.value = event.target.value; }} />
    <${Segments} label="Direction" choices=${[["all", "All"], ["out", "Out"], ["in", "In"]]} value=${way.value}
      onSelect=${(name) => { way.value = name; }} />
    ${check("Heartbeats", hasBeats, "fix-beats")}
    ${onlyOrder.value && html`<button ...${button("small")} data-testid="fix-all-orders"
      onClick=${() => { onlyOrder.value = ""; }}>Only ${onlyOrder.value} ✕</button>`}
    <span class="spring"></span>
    <button ...${button("small")} data-testid="fix-copy" onClick=${copyAll}>Copy</button>
    <a class="button small" href="/fix/api/log" download>.log</a>
    <a class="button small" href="/fix/api/log?form=json" download data-testid="fix-export">.json</a>
    <button ...${button("small")} data-testid="fix-clear" onClick=${() => api.clear()}>Clear</button></div>`;
}

export function Log() {
  const head = html`<${Segments} label="How messages are shown" choices=${[
      ["words", "Decoded", { "data-testid": "fix-decoded" }], ["raw", "Raw", { "data-testid": "fix-raw-look" }],
    ]} value=${look.value} onSelect=${(name) => { look.value = name; }} />
    <button ...${button("small")} aria-pressed=${String(Boolean(frozen.value))} data-testid="fix-pause"
      onClick=${pause}>${frozen.value ? "Go on" : "Pause"}</button>`;
  return html`<${Panel} title="Messages" name="log" head=${head} class=${`look-${look.value}`}><${Tools} />
    <div class="scroll" tabindex="0" role="group" aria-label="Messages">
      <ol class="messages" data-testid="fix-log">${listed.value.map((entry) => html`<${Row} key=${entry.id}
        entry=${entry} />`)}</ol>
      ${listed.value.length === 0 && html`<${Empty} title=${entries.value.length > 0 ? "Nothing fits the filter"
        : "Nothing sent, nothing received"}>Every message of your session is listed here, byte for byte.<//>`}</div><//>`;
}
