// Messages by hand: a template, or a message of the log, changed at will; sound or not it goes out as it stands.

import { useEffect, useState } from "preact/hooks";

import { html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { api, draft, isUp, place } from "./store.js";

const WHOLE = "bytes";

const now = () => new Date().toISOString().replaceAll("-", "").replace("T", "-").slice(0, 21);
const id = () => `RAW${Date.now().toString(36).toUpperCase()}`;
const symbol = () => place.symbols[0] ?? "ALPHA";

/** Ready-made messages: name, type and body. The last ones are wrong on purpose. */
const TEMPLATES = [
  ["Order, limit", "D", () => `11=${id()}|21=1|38=10|40=2|44=20|54=1|55=${symbol()}|59=0|60=${now()}`],
  ["Market data, snapshot and updates", "V",
    () => `262=${id()}|263=1|264=10|265=1|267=2|269=0|269=1|146=1|55=${symbol()}`],
  ["Market data, no more", "V", () => `262=ID OF THE REQUEST|263=2|264=10|267=2|269=0|269=1|146=1|55=${symbol()}`],
  ["List of securities", "x", () => `320=${id()}|559=4`],
  ["Status of a security", "e", () => `324=${id()}|55=${symbol()}|263=0`],
  ["Status of the trading session", "g", () => `335=${id()}|263=0`],
  ["Trades of today", "AD", () => `568=${id()}|569=0`],
  ["News (a venue does not take it)", "B", () => "148=Hello|33=1|58=Is anybody there?"],
  ["Wrong: order without a symbol", "D", () => `11=${id()}|21=1|38=10|40=2|44=20|54=1|59=0|60=${now()}`],
  ["Wrong: side 7 and a price of letters", "D",
    () => `11=${id()}|21=1|38=10|40=2|44=abc|54=7|55=${symbol()}|59=0|60=${now()}`],
  ["Wrong: a tag twice", "D", () => `11=${id()}|21=1|38=10|38=20|40=1|54=1|55=${symbol()}|60=${now()}`],
  ["Wrong: a type that FIX 4.4 does not know", "!!", () => "58=?"],
  ["Wrong: bytes with a bad checksum", WHOLE, () => "8=FIX.4.4|9=5|35=0|10=000|"],
];

export function Raw() {
  const [msgType, setMsgType] = useState("D");
  const [text, setText] = useState(TEMPLATES[0][2]);
  const isWhole = msgType === WHOLE;
  useEffect(() => {
    if (!draft.value) return;
    setMsgType(draft.value.msgType);
    setText(draft.value.text);
    draft.value = null;
  }, [draft.value]);
  const choose = (event) => {
    const [, type, body] = TEMPLATES[Number(event.target.value)];
    setMsgType(type);
    setText(body());
  };
  const submit = async (event) => {
    event.preventDefault();
    const ask = isWhole ? { kind: "raw", text, is_whole: true } : { kind: "raw", msg_type: msgType.trim(), text };
    await api.send(ask).catch((error) => tell(error.message, { tone: "bad" }));
  };
  const name = isWhole ? "all bytes as typed" : place.kinds[msgType.trim()] ?? "not a type of FIX 4.4";
  return html`<form class="ticket" onSubmit=${submit} novalidate>
    <label class="field"><span class="label">Begin with</span><select class="input" data-testid="fix-raw-template"
      onChange=${choose}>${TEMPLATES.map(([title], at) => html`<option key=${title} value=${at}>${title}</option>`)}
      </select></label>
    <label class="field"><span class="label">MsgType (35) · ${name}</span>
      <input class="input mono" data-testid="fix-raw-type" value=${msgType} autocomplete="off"
        onInput=${(event) => setMsgType(event.target.value)} /></label>
    <label class="field"><span class="label">${isWhole ? "Bytes, | for SOH" : "Body, | for SOH; the header is added"}</span>
      <textarea class="input mono" rows="6" spellcheck="false" data-testid="fix-raw-text" value=${text}
        onInput=${(event) => setText(event.target.value)}></textarea></label>
    <button class="button primary large" data-testid="fix-raw-send" disabled=${!isUp.value}>
      ${isUp.value ? "Send as it stands" : "Connect to send"}</button>
    <p class="about">Nothing is checked. A sound frame is put around it under the next number; when asked for again, it is
      gap-filled.</p></form>`;
}
