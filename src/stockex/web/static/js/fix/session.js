// The session: where to connect and as whom, its numbers, and the messages that belong to it alone.

import { useState } from "preact/hooks";

import { Panel } from "../components/parts.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { api, isConnected, isReady, isUp, place, session } from "./store.js";

const fail = (error) => tell(error.message, { tone: "bad" });

function Field({ label, name, value, set, ...rest }) {
  return html`<label class="field"><span class="label">${label}</span>
    <input class="input" name=${name} data-testid=${`fix-${name}`} autocomplete="off" value=${value}
      onInput=${(event) => set({ [name]: event.target.value })} ...${rest} /></label>`;
}

/** What is typed, over what the session has; a CompID that somebody else uses is not offered. */
function useForm() {
  const [typed, setTyped] = useState({});
  const now = session.value;
  const free = place.senders.filter((name) => !now.taken.includes(name));
  const sender = now.taken.includes(now.sender) && free.length > 0 ? free[0] : now.sender;
  const form = { ...now, sender, tls: false, ...typed };
  const demo = place.demo && place.senders.includes(form.sender) ? form.sender : "";
  return [{ username: demo, password: demo, ...form }, (change) => setTyped((before) => ({ ...before, ...change })), free];
}

function Connect() {
  const [form, set, free] = useForm();
  const [fault, setFault] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const invalid = (name) => (fault?.field === name ? "true" : undefined);
  const connect = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    const { host, sender, target, username, password, resets, tls } = form;
    const numbers = { port: Number(form.port), heartbeat_s: Number(form.heartbeat_s) };
    await api.connect({ host, sender, target, username, password, resets, tls, ...numbers }).catch(setFault);
    setBusy(false);
  };
  const why = fault?.message ?? (session.value.state === "down" ? session.value.why : "");
  return html`<form class="ticket" onSubmit=${connect} novalidate data-testid="fix-connect-form">
    <div class="pair wide-left">
      <${Field} label="Host" name="host" value=${form.host} set=${set} aria-invalid=${invalid("host")} />
      <${Field} label="Port" name="port" value=${form.port} set=${set} inputmode="numeric"
        aria-invalid=${invalid("port")} /></div>
    <div class="pair">
      <${Field} label="SenderCompID (49)" name="sender" value=${form.sender} set=${set} list="fix-senders"
        aria-invalid=${invalid("sender")} />
      <${Field} label="TargetCompID (56)" name="target" value=${form.target} set=${set} /></div>
    <datalist id="fix-senders">${free.map((name) => html`<option key=${name} value=${name} />`)}</datalist>
    <div class="pair">
      <${Field} label="Username (553)" name="username" value=${form.username} set=${set} />
      <${Field} label="Password (554)" name="password" value=${form.password} set=${set} type="password" /></div>
    <div class="pair">
      <${Field} label="HeartBtInt (108), seconds" name="heartbeat_s" value=${form.heartbeat_s} set=${set}
        inputmode="numeric" aria-invalid=${invalid("heartbeat_s")} />
      <div class="checks"><label class="check"><input type="checkbox" data-testid="fix-resets" checked=${form.resets}
          onChange=${(event) => set({ resets: event.target.checked })} />Reset numbers (141)</label>
        <label class="check"><input type="checkbox" data-testid="fix-tls" checked=${form.tls}
          onChange=${(event) => set({ tls: event.target.checked })} />TLS</label></div></div>
    <button class="button primary large" data-testid="fix-connect" disabled=${isBusy || !isReady.value}>
      ${isBusy ? "Connecting…" : "Connect"}</button>
    ${why && html`<p class="result bad" role="alert" data-testid="fix-why"><b>Not connected.</b> ${why}</p>`}
  </form>`;
}

/** The two numbers: each a field that shows the number of now until somebody types another one. */
function Numbers() {
  const { expected, next_out: nextOut } = session.value;
  const [typed, setTyped] = useState({});
  const set = (change) => setTyped((now) => ({ ...now, ...change }));
  const isTyped = Object.keys(typed).length > 0;
  const send = async (event) => {
    event.preventDefault();
    const wanted = { expected, next_out: nextOut, ...typed };
    const whole = { expected: Number(wanted.expected), next_out: Number(wanted.next_out) };
    await api.numbers(whole).then(() => setTyped({}), fail);
  };
  return html`<form class="numbers" onSubmit=${send} novalidate aria-label="Sequence numbers">
    <${Field} label="Next in" name="expected" value=${typed.expected ?? expected} set=${set} inputmode="numeric" />
    <${Field} label="Next out" name="next_out" value=${typed.next_out ?? nextOut} set=${set} inputmode="numeric" />
    <button class="button ${isTyped ? "primary" : ""}" data-testid="fix-set-numbers" disabled=${!isTyped}
      >Set</button></form>`;
}

const MESSAGES = {
  1: ["Test", "TestRequest", [["112", "TestReqID (112)", "ping"]]],
  2: ["Resend", "ResendRequest", [["7", "From (7)", "1"], ["16", "To (16), 0 for all", "0"]]],
  4: ["Reset", "SequenceReset", [["36", "NewSeqNo (36)", ""], ["123", "GapFillFlag (123)", "N"]]],
};

/** A small form for one message of the session. */
function OfSession({ msgType, onDone }) {
  const [, name, fields] = MESSAGES[msgType];
  const [typed, setTyped] = useState(Object.fromEntries(fields.map(([tag, , first]) => [tag, first])));
  const send = async (event) => {
    event.preventDefault();
    const text = Object.entries(typed).filter(([, value]) => value).map(([tag, value]) => `${tag}=${value}`).join("|");
    await api.send({ kind: "session", msg_type: msgType, text }).then(onDone, fail);
  };
  return html`<form class="numbers" onSubmit=${send} novalidate aria-label=${name}>
    ${fields.map(([tag, label]) => html`<label key=${tag} class="field"><span class="label">${label}</span>
      <input class="input" data-testid=${`fix-field-${tag}`} value=${typed[tag]}
        onInput=${(event) => setTyped({ ...typed, [tag]: event.target.value })} /></label>`)}
    <button class="button primary" data-testid="fix-send-session">Send</button></form>`;
}

function Up() {
  const [chosen, setChosen] = useState("");
  const { sender, target, host, port, heartbeat_s: heartbeat } = session.value;
  const choose = (msgType) => setChosen((now) => (now === msgType ? "" : msgType));
  return html`<div class="ticket">
    <p class="route"><b>${sender}</b><span aria-hidden="true"> ⇄ </span><span class="sr-only">with</span><b>${target}</b>
      <small class="muted">${host}:${port} · heartbeat ${heartbeat} s</small></p>
    <div class="quick" role="group" aria-label="Messages of the session">
      ${Object.entries(MESSAGES).map(([type, [text, name]]) => html`<button key=${type} ...${button("small")}
        title=${name} aria-pressed=${String(chosen === type)} data-testid=${`fix-session-${type}`}
        onClick=${() => choose(type)}>${text}</button>`)}
      <button ...${button("small")} title="Break the line without a Logout" data-testid="fix-drop"
        onClick=${() => api.drop().catch(fail)}>Drop line</button></div>
    ${chosen && html`<${OfSession} key=${chosen} msgType=${chosen} onDone=${() => setChosen("")} />`}
    <button ...${button("")} data-testid="fix-disconnect" onClick=${() => api.disconnect().catch(fail)}
      >Log out</button></div>`;
}

const BADGES = { up: ["Logged on", "good"], connecting: ["Connecting", "warn"], down: ["Down", "bad"], idle: ["Idle", ""] };

export function SessionBadge() {
  const [text, tone] = BADGES[session.value.state];
  return html`<span class="badge ${tone}" data-testid="fix-badge" data-state=${session.value.state}>
    <span class="dot" aria-hidden="true"></span>${text}</span>`;
}

export function Session() {
  return html`<${Panel} title="Session" name="session">
    ${isConnected.value && isUp.value ? html`<${Up} />` : html`<${Connect} />`}<${Numbers} /><//>`;
}
