"""What the market shows of one instrument, entry by entry, and how one state becomes the next.

Each entry has a name (278): `ALPHA:0:24.95` a bid, `ALPHA:1:25` an offer, `ALPHA:7` the day's high; a trade has its
trade id. So what a snapshot has told without names can be changed and deleted by name.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from stockex.core.fix.market.request import (
    AVERAGE,
    BID,
    CLOSING,
    HIGH,
    IMBALANCE,
    LOW,
    OFFER,
    OPENING,
    TRADE,
    VOLUME,
    Wish,
)
from stockex.core.fix.market.seen import Market
from stockex.core.fix.orders.terms import average_text, decimal_text
from stockex.core.fix.times import stamp
from stockex.messages.market_data import Bust, Correction, Level, Trade
from stockex.messages.views import Ticker, TradeStatus
from stockex.vocabulary.enums import Phase

Entries = Mapping[str, Mapping[int, str]]
"""Fields of entries, by name; each from MDEntryType (269) on, in the order of the standard's groups."""

NEW: Final = "0"
CHANGE: Final = "1"
DELETE: Final = "2"
"""MDUpdateAction (279)."""

_BOOK: Final = frozenset({BID, OFFER})
_DAILY: Final = "0"
_PREVIOUS_DAY: Final = "4"
_THEORETICAL: Final = "5"
"""OpenCloseSettlFlag (286)."""

_MORE_BUYERS: Final = "P"
_MORE_SELLERS: Final = "Q"
"""TradeCondition (277)."""


def standing(market: Market, symbol: str, *, wish: Wish) -> Entries:
    """Return all entries of an instrument that a wish names, but trades. Cost: O(levels) and O(1)."""
    found: dict[str, Mapping[int, str]] = {}
    if wish.kinds & _BOOK:
        depth = market.depth(symbol, wish.depth)
        for kind, levels in ((BID, depth.bids), (OFFER, depth.asks)):
            if kind in wish.kinds:
                found.update(_level(symbol, kind, level=level) for level in levels)
    if wish.kinds - _BOOK - {TRADE}:
        for kind, fields in _figures(market.ticker(symbol)):
            if kind in wish.kinds:
                found[f"{symbol}:{kind}"] = {269: kind, **fields}
    return found


def last_trade(market: Market, symbol: str) -> Iterator[Mapping[int, str]]:
    """Yield the newest trade, if it was not busted."""
    for printed in market.tape(symbol, 1):
        if printed.status is not TradeStatus.BUSTED:
            yield traded(printed.trade)


def traded(fact: Trade | Bust | Correction) -> Mapping[int, str]:
    """Return the entry of a trade, with the time at which it was done."""
    date, _, time = stamp(fact.at if isinstance(fact, Trade) else fact.traded_at).partition("-")
    return {269: TRADE, 270: decimal_text(fact.price), 271: str(fact.qty), 272: date, 273: time}


def action_of(fact: Trade | Bust | Correction) -> str:
    """Return what a fact does to the entry of its trade."""
    match fact:
        case Trade():
            return NEW
        case Bust():
            return DELETE
        case _:
            return CHANGE


def update(action: str, name: str, *, symbol: str, entry: Mapping[int, str]) -> dict[int, str]:
    """Return an entry of an incremental refresh; one that goes is told by its name, type and price."""
    rest = dict(entry)
    kind = rest.pop(269)
    if action == DELETE:
        price = rest.get(270)
        rest = {} if price is None else {270: price}
    return {279: action, 269: kind, 278: name, 55: symbol, **rest}


def differences(before: Entries, after: Entries, *, symbol: str) -> Iterator[dict[int, str]]:
    """Yield what makes one state the next: what goes, then what changes or comes, in the order of the state."""
    for name, entry in before.items():
        if name not in after:
            yield update(DELETE, name, symbol=symbol, entry=entry)
    for name, entry in after.items():
        if name not in before:
            yield update(NEW, name, symbol=symbol, entry=entry)
        elif before[name] != entry:
            yield update(CHANGE, name, symbol=symbol, entry=entry)


def _level(symbol: str, kind: str, *, level: Level) -> tuple[str, Mapping[int, str]]:
    price = decimal_text(level.price)
    return f"{symbol}:{kind}:{price}", {269: kind, 270: price, 271: str(level.qty), 346: str(level.orders)}


def _figures(ticker: Ticker) -> Iterator[tuple[str, dict[int, str]]]:
    """Yield the figures of the day, and in a call those of the auction that would end it now, by entry type."""
    opening, closing = _auction_prices(ticker)
    if opening is not None:
        yield OPENING, opening
    yield CLOSING, closing
    for kind, price in ((HIGH, ticker.high), (LOW, ticker.low)):
        if price is not None:
            yield kind, {270: decimal_text(price)}
    if ticker.volume:
        yield AVERAGE, {270: average_text(ticker.value, ticker.volume)}
    yield VOLUME, {271: str(ticker.volume)}
    if ticker.phase.is_call:
        surplus = ticker.indicative_surplus
        sides = {} if not surplus else {277: _MORE_BUYERS if surplus > 0 else _MORE_SELLERS}
        yield IMBALANCE, {271: str(abs(surplus)), **sides}


def _auction_prices(ticker: Ticker) -> tuple[dict[int, str] | None, dict[int, str]]:
    """Return the opening and the closing price. A call shows its theoretical price as the one, its own, of the two."""
    opening = None if ticker.open is None else {270: decimal_text(ticker.open), 286: _DAILY}
    closing = {270: decimal_text(ticker.reference), 286: _PREVIOUS_DAY}
    if ticker.phase is Phase.CLOSED and ticker.last is not None:
        closing = {270: decimal_text(ticker.last), 286: _DAILY}
    if ticker.phase.is_call and ticker.indicative_price is not None:
        price, volume = decimal_text(ticker.indicative_price), str(ticker.indicative_volume)
        theoretical = {270: price, 271: volume, 286: _THEORETICAL}
        if ticker.phase is Phase.CLOSING_CALL:
            return opening, theoretical
        return theoretical, closing
    return opening, closing
