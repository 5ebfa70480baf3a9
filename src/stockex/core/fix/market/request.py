"""MarketDataRequest (V): what a session wants to see, or why it cannot.

Source: FIX 4.4, volume 3, "Market data"; MDReqRejReason (281).
"""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from stockex.core.fix.market.seen import SESSION, UPDATES
from stockex.core.fix.message import Message
from stockex.core.fix.orders.reports import Report

BID: Final = "0"
OFFER: Final = "1"
TRADE: Final = "2"
OPENING: Final = "4"
CLOSING: Final = "5"
HIGH: Final = "7"
LOW: Final = "8"
AVERAGE: Final = "9"
IMBALANCE: Final = "A"
VOLUME: Final = "B"
"""MDEntryType (269)."""

KINDS: Final = frozenset({BID, OFFER, TRADE, OPENING, CLOSING, HIGH, LOW, AVERAGE, IMBALANCE, VOLUME})
"""What the market has to show; an index value, a settlement price and open interest it has not."""

FULL: Final = 2**31 - 1
"""A depth that no book has."""

UNKNOWN_SYMBOL: Final = "0"
DUPLICATE_ID: Final = "1"
BANDWIDTH: Final = "2"
_DEPTH: Final = "5"
_UPDATE_TYPE: Final = "6"
_AGGREGATED: Final = "7"
_ENTRY_TYPE: Final = "8"
_SESSION: Final = "9"
_SCOPE: Final = "A"
_OPEN_CLOSE: Final = "B"
_IMPLICIT: Final = "C"

_FULL_REFRESH: Final = "0"
_INCREMENTAL: Final = "1"
_ANYWHERE: Final = frozenset("123")


class Wish(Struct, frozen=True):
    """What is to be shown.

    Attributes:
        asked: MDReqID (262).
        depth: How many levels of each side; `FULL` for all.
        kinds: The entry types.
        is_incremental: Changes come as changes (X), else as the whole again (W).
    """

    asked: str
    depth: int
    kinds: frozenset[str]
    symbols: tuple[str, ...]
    is_incremental: bool


def reject(message: Message, reason: str | None, *, text: str) -> Report:
    """Return the MarketDataRequestReject (Y) of a request."""
    body = {262: message.text(262), 58: text}
    return Report("Y", body if reason is None else {**body, 281: reason})


def wish_of(message: Message, listed: Collection[str]) -> Wish | Report:
    """Return what a request asks for, or its reject. The first fault in the order of 281 after the id is told."""
    fault = _fault(message) or _content_fault(message, listed)
    if fault is not None:
        return reject(message, fault[0], text=fault[1])
    depth = int(message.text(264))
    return Wish(
        asked=message.text(262),
        depth=depth or FULL,
        kinds=frozenset(str(entry[269]) for entry in message.group(267)),
        symbols=tuple(dict.fromkeys(str(entry.get(55, "")) for entry in message.group(146))),
        is_incremental=message.text(265) == _INCREMENTAL,
    )


def _fault(message: Message) -> tuple[str, str] | None:
    """Return reason and text of what is wrong with the way in which something is asked for."""
    update_type = message.text(265)
    if int(message.text(264)) < 0:
        return _DEPTH, "MarketDepth (264) is 0 for all levels, or how many"
    if message.text(263) == UPDATES and update_type not in {_FULL_REFRESH, _INCREMENTAL}:
        return _UPDATE_TYPE, "a subscription needs MDUpdateType (265) 0 or 1"
    if message.text(266) == "N":
        return _AGGREGATED, "the book is told by price levels, not by orders"
    if any(entry.get(336, SESSION) != SESSION for entry in message.group(386)):
        return _SESSION, f"the only session is {SESSION}"
    if not _ANYWHERE.issuperset(message.text(546).split()):
        return _SCOPE, "Scope (546)"
    if message.text(286):
        return _OPEN_CLOSE, "entries cannot be chosen by OpenCloseSettlFlag (286)"
    if message.text(547) == "Y":
        return _IMPLICIT, "levels that fall out of the depth are deleted by name"
    return None


def _content_fault(message: Message, listed: Collection[str]) -> tuple[str, str] | None:
    """Return reason and text of what is asked for and is not there."""
    kinds = {str(entry[269]) for entry in message.group(267)}
    if not kinds <= KINDS:
        return _ENTRY_TYPE, f"MDEntryType (269) {' '.join(sorted(kinds - KINDS))}"
    for entry in message.group(146):
        if entry.get(55, "") not in listed:
            return UNKNOWN_SYMBOL, f"{entry.get(55, 'a security without Symbol (55)')} is not listed"
    return None
