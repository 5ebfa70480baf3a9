// The venue's bad manners: rules by which it treats this session badly on purpose.

import { useEffect, useState } from "preact/hooks";

import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { api, isUp, session } from "./store.js";

const once = (act, more = {}) => ({ act, times: 1, ...more });
const REPORTS = { types: ["8"] };

/** Ready-made rules: name and rule. */
const PRESETS = [
  ["The next report is lost", once({ do: "swallow" }, REPORTS)],
  ["The next report comes twice", once({ do: "repeat", times: 1 }, REPORTS)],
  ["Two numbers are skipped behind the next report", once({ do: "skip", count: 2 }, REPORTS)],
  ["The next report has a bad CheckSum", once({ do: "bad_checksum" }, REPORTS)],
  ["The next report has a bad BodyLength", once({ do: "bad_length" }, REPORTS)],
  ["The next report was sent five minutes ago", once({ do: "stale", seconds: 300 }, REPORTS)],
  ["The next report comes byte by byte", once({ do: "shred", size: 1, pause_ms: 2 }, REPORTS)],
  ["The line breaks behind the next report", once({ do: "drop" }, REPORTS)],
  ["The line breaks before the next report", once({ do: "drop", is_before: true }, REPORTS)],
  ["At my next order I am asked to send all again", once({ do: "resend", begin: 1 }, { way: "in", types: ["D"] })],
  ["At my next order I am logged out", once({ do: "logout", text: "end of session" }, { way: "in", types: ["D"] })],
  ["My next order never arrives", once({ do: "swallow" }, { way: "in", types: ["D"] })],
  ["Every third order is rejected", { act: { do: "reject", reason: 99, text: "by a rule" }, way: "in", types: ["D"],
    every: 3 }],
  ["My next cancel comes too late", once({ do: "reject", reason: 0, text: "too late" }, { way: "in", types: ["F"] })],
  ["My next order fills by half, in two parts", once({ do: "fill", percent: 50, parts: 2 },
    { way: "in", types: ["D"] })],
  ["My next cancel is pending, and the order fills", once({ do: "race", percent: 100 }, { way: "in", types: ["F"] })],
  ["My next trade is busted", once({ do: "bust", text: "obvious error" }, REPORTS)],
  ["Everything is 100 ms late", { act: { do: "delay", kind: "fixed", ms: 100 } }],
  ["Everything is late, by a normal distribution", { act: { do: "delay", kind: "normal", ms: 50, spread_ms: 15 } }],
  ["Now and then something is two seconds late", { act: { do: "delay", kind: "spikes", ms: 2, spread_ms: 2000,
    chance: 5 } }],
  ["One report in ten is lost", { act: { do: "swallow" }, chance: 10, ...REPORTS }],
];

const textOf = (rules) => (rules.length === 0 ? "[]" : `[\n  ${rules.map((rule) => JSON.stringify(rule)
  .replaceAll(",", ", ")).join(",\n  ")}\n]`);
const FIELDS = ["act", "way", "types", "where", "after", "every", "chance", "times", "name"];
const PLAIN = { way: "out", after: 0, every: 1, chance: 100, times: null, name: "" };

/** A rule without what holds anyway. */
const shortened = (rule) => Object.fromEntries(FIELDS.filter((name) => rule[name] !== PLAIN[name]
  && JSON.stringify(rule[name]) !== "[]" && JSON.stringify(rule[name]) !== "{}").map((name) => [name, rule[name]]));

export function Powers() {
  const [text, setText] = useState("[]");
  const [seed, setSeed] = useState("7");
  const [met, setMet] = useState([]);
  const [fault, setFault] = useState("");
  const show = ({ script, met: counts }) => {
    setText(textOf(script.rules.map(shortened)));
    setSeed(String(script.seed));
    setMet(counts);
    setFault("");
  };
  const load = () => api.rules().then(show, (error) => setFault(error.message));
  useEffect(() => { if (isUp.value) load(); else setFault("Connect to this exchange first."); }, [isUp.value]);
  const apply = async (event) => {
    event.preventDefault();
    let rules;
    try {
      rules = JSON.parse(text);
    } catch (error) {
      setFault(`The rules are no JSON: ${error.message}`);
      return;
    }
    await api.setRules({ rules, seed: Number(seed) }).then((found) => {
      show(found);
      tell(`${found.script.rules.length} rules hold for ${session.value.sender}`);
    }, (error) => setFault(error.message));
  };
  const add = (event) => {
    const [, rule] = PRESETS[Number(event.target.value)] ?? [];
    if (rule) setText(textOf([...JSON.parse(text || "[]"), rule]));
    event.target.value = "";
  };
  return html`<form class="ticket" onSubmit=${apply} novalidate>
    <p class="about">This venue misbehaves on command: only towards your session, and always alike for a seed.</p>
    <label class="field"><span class="label">Add a rule</span><select class="input" data-testid="fix-rule-preset"
      onChange=${add}><option value="">Choose …</option>${PRESETS.map(([name], at) => html`<option key=${name}
      value=${at}>${name}</option>`)}</select></label>
    <label class="field"><span class="label">Rules, in JSON</span><textarea class="input mono" rows="9"
      spellcheck="false" data-testid="fix-rules" value=${text}
      onInput=${(event) => setText(event.target.value)}></textarea></label>
    ${met.length > 0 && html`<p class="about" data-testid="fix-met">Met so far: ${met.join(", ")}
      ${" "}<button ...${button("small")} onClick=${load}>Look again</button></p>`}
    <label class="field"><span class="label">Seed</span><input class="input" inputmode="numeric" value=${seed}
      data-testid="fix-seed" onInput=${(event) => setSeed(event.target.value)} /></label>
    <div class="pair"><button ...${button("")} data-testid="fix-rules-clear" disabled=${!isUp.value}
        onClick=${() => api.setRules({}).then(show, (error) => setFault(error.message))}>No rules</button>
      <button class="button primary" data-testid="fix-rules-apply" disabled=${!isUp.value}>Apply</button></div>
    ${fault && html`<p class="result bad" data-testid="fix-rules-fault">${fault}</p>`}</form>`;
}
