"""Facts for the tests of market data: prices in whole units, `n` is the offset of the cause, `at` whole seconds."""

from stockex.messages.control import Listed, Resumed, Started, Stopped, Suspended
from stockex.messages.market_data import BookChanged, Indicators, Level, Snapshot, Trade
from stockex.vocabulary.enums import Regime, Side
from stockex.vocabulary.units import Nanos, Price, Shares

SECOND = 1_000_000_000


def listed(symbol: str = "NBG", *, reference: int = 180_500) -> Listed:
    """Return the listing of `symbol`."""
    return Listed(
        offset=0,
        index=0,
        at=Nanos(0),
        symbol=symbol,
        name=f"{symbol} plc",
        tick=Price(100),
        lot=Shares(1),
        reference=Price(reference),
    )


def started(day: int = 1, *, at: int = 1, **references: int) -> Started:
    """Return the start of a day at these reference prices."""
    prices = {symbol: Price(price) for symbol, price in references.items()}
    return Started(offset=1, index=0, at=Nanos(at * SECOND), day=day, references=prices)


def stopped(day: int = 1) -> Stopped:
    """Return the stop of a day."""
    return Stopped(offset=9, index=0, at=Nanos(9 * SECOND), day=day, closes={})


def suspended() -> Suspended:
    """Return a suspension."""
    return Suspended(offset=2, index=0, at=Nanos(2 * SECOND))


def resumed() -> Resumed:
    """Return the end of a suspension."""
    return Resumed(offset=3, index=0, at=Nanos(3 * SECOND))


def levels(text: str) -> tuple[Level, ...]:
    """Return the levels of "price:quantity ...", each of one order; quantity 0 means that the level is gone."""
    pairs = [pair.split(":") for pair in text.split()]
    return tuple(Level(Price(int(price)), Shares(int(qty)), int(qty != "0")) for price, qty in pairs)


def book(bids: str = "", asks: str = "", *, symbol: str = "NBG", at: int = 4) -> BookChanged:
    """Return a change of these levels."""
    return BookChanged(offset=4, index=0, at=Nanos(at * SECOND), symbol=symbol, bids=levels(bids), asks=levels(asks))


def trade(n: int, *, price: int, qty: int = 1, symbol: str = "NBG", at: int = 5) -> Trade:
    """Return trade number `n`."""
    return Trade(
        offset=n,
        index=1,
        at=Nanos(at * SECOND),
        trade_id=f"T{n}",
        symbol=symbol,
        price=Price(price),
        qty=Shares(qty),
        buy_id=f"b{n}",
        sell_id=f"s{n}",
        buy_member="USR01",
        sell_member="MDF",
        aggressor=Side.BUY,
    )


def snapshot(symbol: str = "NBG", *, rsi: float = 55.0) -> Snapshot:
    """Return a snapshot whose quotes nobody made."""
    seen = Indicators(
        sma_5=1.0, sma_20=1.0, ema_12=1.0, ema_26=1.0, macd=0.0, rsi_14=rsi, bb_pos=0.5, regime=Regime.CALM
    )
    return Snapshot(
        symbol=symbol,
        best_bid=Price(1),
        best_ask=Price(2),
        bid_size=Shares(3),
        ask_size=Shares(4),
        at=Nanos(7 * SECOND),
        indicators=seen,
    )
