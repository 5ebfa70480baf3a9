// REST calls. A refusal is thrown as `ApiError` with the server's message, field, rule, reason and the offset of the
// command that was refused.

const BASE = "/api/v1";

export class ApiError extends Error {
  constructor(status, { message, field = null, rule = null, reason = null, offset = null }) {
    super(message);
    this.status = status;
    this.field = field;
    this.rule = rule;
    this.reason = reason;
    this.offset = offset;
  }
}

/** Call the exchange: `path` below `base`, `body` as JSON. */
export async function call(method, path, body, base = BASE) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(base + path, options);
  } catch {
    throw new ApiError(0, { message: "The exchange cannot be reached." });
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ApiError(response.status, answer?.error ?? { message: `The exchange answered ${response.status}.` });
  }
  return answer;
}

const id = encodeURIComponent;

export const api = {
  me: () => call("GET", "/me"),
  logout: () => call("POST", "/logout"),
  session: (action) => call("POST", `/session/${id(action)}`),
  phase: (change) => call("POST", "/phase", change),
  kill: (change) => call("POST", "/kill-switches", change),
  cancelOrders: (of) => call("POST", "/cancel-orders", of),
  bust: (tradeId, text) => call("POST", `/trades/${id(tradeId)}/bust`, { text }),
  correct: (tradeId, change) => call("POST", `/trades/${id(tradeId)}/correct`, change),
  explain: (offset) => call("GET", `/explain/${offset}`),
  auction: (symbol) => call("GET", `/auction/${id(symbol)}`),
  candles: (symbol, period) => call("GET", `/candles/${id(symbol)}?period=${id(period)}`),
  trades: (symbol, limit) => call("GET", `/trades?symbol=${id(symbol)}&limit=${limit}`),
  book: (symbol) => call("GET", `/book/${id(symbol)}?levels=10`),
  place: (order) => call("POST", "/orders", order),
  amend: (clOrdId, change) => call("PATCH", `/orders/${id(clOrdId)}`, change),
  cancel: (clOrdId) => call("DELETE", `/orders/${id(clOrdId)}`),
  cancelAll: () => call("DELETE", "/orders"),
  orders: (limit) => call("GET", `/orders?limit=${limit}`),
  fills: (limit) => call("GET", `/fills?limit=${limit}`),
  portfolio: () => call("GET", "/portfolio"),
  settlements: () => call("GET", "/settlements"),
  member: (name) => call("GET", `/members/${id(name)}`),
};
