// Candles as the chart wants them, and their growth from live trades.

export const PERIODS = [
  ["live", "Live"], ["1h", "1H"], ["8h", "8H"], ["1d", "1D"], ["1w", "1W"], ["1m", "1M"],
];
/** Seconds that one candle of each period covers: the spans of `core.market_data.bars`, aligned to themselves. */
export const SPANS = { live: 60, "1h": 60, "8h": 240, "1d": 600, "1w": 7_200, "1m": 21_600 };

export const toBar = ({ t, o, h, l, c }) => ({ time: t, open: o, high: h, low: l, close: c });

/** The bar that holds `trade`, grown from `bar` if it is the same span. A trade of an earlier span is left out. */
export function grown(bar, trade, span) {
  const time = Math.floor(trade.timestamp / span) * span;
  if (bar && time < bar.time) return null;
  const { price, quantity } = trade;
  if (!bar || time > bar.time) {
    return { time, open: price, high: price, low: price, close: price, volume: quantity };
  }
  return {
    time, open: bar.open, high: Math.max(bar.high, price), low: Math.min(bar.low, price), close: price,
    volume: bar.volume + quantity,
  };
}

/** Own fills of `symbol` as markers on the bars of `span` seconds, one a bar and side. Nothing before `from`. */
export function fillMarkers(fills, { symbol, span, from, colours }) {
  const markers = new Map();
  for (const fill of fills) {
    const time = Math.floor(fill.timestamp / span) * span;
    if (fill.symbol !== symbol || time < from || fill.status === "BUSTED") continue;
    const key = `${time}${fill.side}`;
    const quantity = (markers.get(key)?.quantity ?? 0) + fill.quantity;
    markers.set(key, { time, side: fill.side, quantity });
  }
  return [...markers.values()].sort((one, other) => one.time - other.time).map(({ time, side, quantity }) => ({
    time,
    position: side === "BUY" ? "belowBar" : "aboveBar",
    shape: side === "BUY" ? "arrowUp" : "arrowDown",
    color: side === "BUY" ? colours.up : colours.down,
    text: `${side === "BUY" ? "B" : "S"} ${quantity}`,
  }));
}

/** Closes as change in percent since the first candle. */
export function changeLine(candles) {
  const base = candles[0]?.o;
  return candles.map(({ t, c }) => ({ time: t, value: ((c - base) / base) * 100 }));
}
