"""Facts for the tests of market data: prices in whole units, `n` is the offset of the cause, `at` whole seconds."""

from stockex.messages.control import (
    CallExtended,
    Interrupted,
    LastChanged,
    Listed,
    PhaseChanged,
    ReferenceChanged,
    Resumed,
    RulesChanged,
    Started,
    Stopped,
    Suspended,
    Uncrossed,
)
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Indicators, Level, Snapshot, Trade
from stockex.vocabulary.enums import Phase, RangeKind, Regime, Side
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.tick_tables import TickTable
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


def phase_changed(phase: Phase, *, symbol: str = "NBG") -> PhaseChanged:
    """Return that an instrument is in `phase` from now on."""
    return PhaseChanged(offset=5, index=0, at=Nanos(5 * SECOND), symbol=symbol, phase=phase)


def rules_changed(
    *,
    symbol: str = "NBG",
    tick_table: TickTable = (),
    dynamic_range_bp: int | None = None,
    price_band_bp: int | None = None,
) -> RulesChanged:
    """Return that an instrument has this tick table, this range and this band from now on."""
    rules = MarketRules(tick_table=tick_table, dynamic_range_bp=dynamic_range_bp, price_band_bp=price_band_bp)
    return RulesChanged(offset=6, index=0, at=Nanos(6 * SECOND), symbol=symbol, rules=rules)


def indicative(price: int | None, volume: int = 0, surplus: int = 0, *, symbol: str = "NBG") -> Indicative:
    """Return what an auction would do now."""
    at, found = Nanos(6 * SECOND), None if price is None else Price(price)
    return Indicative(offset=6, index=0, at=at, symbol=symbol, price=found, volume=Shares(volume), surplus=surplus)


def interrupted() -> Interrupted:
    """Return that a trade at 18.50 would have left the dynamic range around 18.05."""
    return Interrupted(
        offset=6,
        index=0,
        at=Nanos(6 * SECOND),
        symbol="NBG",
        which=RangeKind.DYNAMIC,
        reference=Price(180_500),
        low=Price(178_695),
        high=Price(182_305),
        price=Price(185_000),
    )


def extended(ends_at: int | None) -> CallExtended:
    """Return that a volatility call goes on until a second of the log's time, or until a record."""
    return CallExtended(
        offset=7,
        index=0,
        at=Nanos(7 * SECOND),
        symbol="NBG",
        extension=1,
        low=Price(180_000),
        high=Price(181_000),
        price=Price(182_000),
        ends_at=None if ends_at is None else Nanos(ends_at * SECOND),
    )


def uncrossed(price: int, volume: int) -> Uncrossed:
    """Return an auction that was held without a surplus."""
    at = Nanos(7 * SECOND)
    return Uncrossed(offset=7, index=0, at=at, symbol="NBG", price=Price(price), volume=Shares(volume), surplus=0)


def last_changed(price: int) -> LastChanged:
    """Return a last price that was set by hand."""
    return LastChanged(offset=8, index=0, at=Nanos(8 * SECOND), symbol="NBG", price=Price(price))


def reference_changed(price: int | None) -> ReferenceChanged:
    """Return a reference price that was set by hand, or taken away."""
    found = None if price is None else Price(price)
    return ReferenceChanged(offset=8, index=0, at=Nanos(8 * SECOND), symbol="NBG", price=found)


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
        trade_id=f"{n}-1",
        symbol=symbol,
        price=Price(price),
        qty=Shares(qty),
        buy_id=f"b{n}",
        sell_id=f"s{n}",
        buy_member="USR01",
        sell_member="MDF",
        aggressor=Side.BUY,
    )


def busted(n: int, done: Trade, *, text: str = "") -> Bust:
    """Return the bust by command `n` of a trade."""
    return Bust(
        offset=n,
        index=1,
        at=Nanos(60 * SECOND),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=done.price,
        qty=done.qty,
        aggressor=done.aggressor,
        traded_at=done.at,
        text=text,
        buy_member=done.buy_member,
        sell_member=done.sell_member,
    )


def corrected(n: int, done: Trade, *, qty: int, price: int, text: str = "") -> Correction:
    """Return the correction by command `n` of a trade."""
    return Correction(
        offset=n,
        index=1,
        at=Nanos(60 * SECOND),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=Price(price),
        qty=Shares(qty),
        old_price=done.price,
        old_qty=done.qty,
        aggressor=done.aggressor,
        traded_at=done.at,
        text=text,
        buy_member=done.buy_member,
        sell_member=done.sell_member,
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
