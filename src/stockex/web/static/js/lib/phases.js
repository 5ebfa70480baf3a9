// The phases of an instrument: how the screens name and explain them, and what the operator may do in each.

/** `about` is what a phase means for orders, `ticket` the same in a few words; in a call they gather. */
export const PHASES = {
  PRE_OPEN: { about: "Orders gather, no price is shown yet", ticket: "Pre-open: nothing trades" },
  OPENING_CALL: { about: "Orders gather for the opening auction", ticket: "Call: trades at the auction" },
  CALL: { about: "Orders gather for an auction", ticket: "Call: trades at the auction" },
  VOLATILITY_CALL: { about: "Prices moved fast: orders gather for an auction", ticket: "Call: trades at the auction" },
  CLOSING_CALL: { about: "Orders gather for the closing auction", ticket: "Call: trades at the auction" },
  CONTINUOUS: { about: "Orders trade as they come", ticket: "" },
  TRADING_AT_LAST: { about: "Orders trade at the closing price only", ticket: "Trades at the close only" },
  HALTED: { about: "Orders can only be cancelled", ticket: "Halted: cancel only" },
  CLOSED: { about: "The day is over here: orders can only be cancelled", ticket: "Closed for the day" },
};

/** What a phase record does, as its button says it. */
export const ACTIONS = {
  pre_open: "Pre-open", opening_call: "Opening call", call: "Call auction", closing_call: "Closing call",
  uncross: "Uncross", continuous: "Go continuous", trading_at_last: "Trade at last", halt: "Halt", resume: "Resume",
};

/** When a call ends by itself: the duration, and within how much longer its end is drawn, both in seconds. */
export const ENDS = [[null, null], [10, 5], [30, 15], [60, 30], [300, 30]];

// The engine's own table, from the page; it is there for an operator only.
const STEPS = JSON.parse(document.body.dataset.steps || "{}");

export const isCall = (phase) => Boolean(phase?.endsWith("CALL"));

/** Whether orders rest until an auction, in a call or before the opening one. */
export const gathers = (phase) => isCall(phase) || phase === "PRE_OPEN";

export const phaseText = (phase) => phase.replaceAll("_", " ");

/** The actions that lead one of the phases on. What is for all instruments passes halted ones over, but for a resume. */
export function actionsOf(phases, isForAll) {
  const leads = (action, phase) => STEPS[phase]?.includes(action) && !(action === "continuous" && phase === "CONTINUOUS")
    && !(isForAll && phase === "HALTED" && action !== "resume");
  return Object.keys(ACTIONS).filter((action) => phases.some((phase) => leads(action, phase)));
}
