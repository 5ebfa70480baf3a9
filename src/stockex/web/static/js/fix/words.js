// Short words for what FIX says in letters and numbers.

export const STATUSES = {
  sent: ["Sent", "info"], A: ["Pending new", "info"], 0: ["New", "info"], 1: ["Part filled", "warn"],
  2: ["Filled", "good"], 3: ["Done for day", ""], 4: ["Canceled", ""], 5: ["Replaced", "info"],
  6: ["Pending cancel", "warn"], 7: ["Stopped", "warn"], 8: ["Rejected", "bad"], 9: ["Suspended", "warn"],
  C: ["Expired", ""], E: ["Pending replace", "warn"],
};

const TYPES = { 1: "Market", 2: "Limit", 3: "Stop", 4: "Stop limit", K: "Market to limit", P: "Peg" };
const PEGS = { R: "Peg primary", M: "Peg mid", a: "Trailing stop" };
export const TIMES = {
  0: "Day", 1: "GTC", 2: "At open", 3: "IOC", 4: "FOK", 5: "Auction", 6: "GTD", 7: "At close",
};

const flagsOf = (terms) => (terms[18] ?? "").split(" ").filter(Boolean);

export const sideOf = (terms) => ({ 1: "BUY", 2: "SELL" })[terms[54]] ?? "";

export function typeOf(terms) {
  const peg = flagsOf(terms).find((flag) => PEGS[flag]);
  if (peg === "a" && terms[44]) return "Trailing stop limit";
  return peg ? PEGS[peg] : TYPES[terms[40]] ?? terms[40] ?? "";
}

/** What an order says besides type, quantity and price. */
export function extrasOf(terms) {
  const flags = flagsOf(terms);
  return [
    terms[59] && TIMES[terms[59]], terms[839] && `stands at ${terms[839]}`,
    terms[99] && `stop ${terms[99]}`, terms[211] && `offset ${terms[211]}`,
    flags.includes("6") && "post-only", terms[111] === "0" ? "hidden" : terms[111] && `shows ${terms[111]}`,
    terms[110] && `at least ${terms[110]}`, flags.includes("Q") && "ends with session",
    terms[126] && `until ${terms[126]}`, terms[432] && `until ${terms[432]}`,
  ].filter(Boolean).join(" · ");
}

const two = (number) => String(number).padStart(2, "0");

/** The time of day of an instant in seconds, with milliseconds, in the reader's time zone. */
export function stampOf(seconds) {
  const at = new Date(Math.round(seconds * 1000));
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** How long an answer took. */
export function tookOf({ sent_at: sent, answered_at: answered }) {
  if (!sent || !answered) return "";
  const ms = Math.max(0, answered - sent) * 1000;
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A frame as people write it: `|` for SOH. */
export const piped = (raw) => raw.replaceAll("\u0001", "|");

/** The body of a message as the Raw tab takes it: without frame and header. */
const HEADER = new Set([8, 9, 35, 34, 49, 52, 56, 43, 97, 122, 10]);
export const bodyOf = ({ lines }) => lines.filter(([tag]) => !HEADER.has(tag)).map(([tag, , value]) => `${tag}=${value}`)
  .join("|");
