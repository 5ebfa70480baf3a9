"""TradeCaptureReportRequest (AD): which trades a session wants to be told of, or why it is not.

Source: FIX 4.4, volume 5, "Trade capture"; TradeRequestResult (749).
"""

from collections.abc import Callable, Container
from typing import Final

from stockex.core.fix.market.seen import END
from stockex.core.fix.message import Message, reversed_route
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import NO_SYMBOL
from stockex.core.fix.orders.terms import SIDES, end_of
from stockex.core.fix.times import nanos_of
from stockex.messages.gateways.fix import Capture

SUCCESSFUL: Final = "0"
UNKNOWN_INSTRUMENT: Final = "1"
WRONG_TYPE: Final = "2"
WRONG_PARTIES: Final = "3"
WRONG_TRANSPORT: Final = "4"
WRONG_DESTINATION: Final = "5"
UNSUPPORTED: Final = "8"
NOT_AUTHORIZED: Final = "9"
OTHER: Final = "99"
"""TradeRequestResult (749)."""

ACCEPTED: Final = "0"
COMPLETED: Final = "1"
_REJECTED: Final = "2"
"""TradeRequestStatus (750): more follows, nothing follows, rejected."""

_ALL, _MATCHING = "0", "1"
_OWNERS: Final = frozenset({"1", "24", "38"})
"""PartyRole (452) of whose trades are wanted: executing firm, customer account, position account."""

_USED: Final = frozenset({11, 37, 54, 55, 58, 263, 453, 568, 569, 573, 580, 725, 726, 828, 880})
_RANGE: Final = 2


def acknowledged(
    message: Message, result: str = SUCCESSFUL, *, status: str, count: int | None = 0, text: str = ""
) -> Report:
    """Return the TradeCaptureReportRequestAck (AQ) of a request; `count` is None while it is not known."""
    told = {55: message.text(55) or NO_SYMBOL, 263: message.text(263), 568: message.text(568), 569: message.text(569)}
    body = {**told, 58: text, 748: "" if count is None else str(count), 749: result, 750: status}
    return Report("AQ", {tag: value for tag, value in body.items() if value})


def refused(message: Message, result: str, *, text: str) -> Report:
    """Return the AQ that rejects a request."""
    return acknowledged(message, result, status=_REJECTED, text=text)


def capture_of(
    message: Message, may_see: Callable[[str], bool], *, listed: Container[str] | None, since: int
) -> Capture | Report:
    """Return what a request asks for, or its reject.

    Args:
        message: Of type AD.
        may_see: Whether the session is told of an account.
        listed: All symbols; None: they are not known.
        since: The facts of `executions` from this offset on are told to a subscription.
    """
    fault = _way_fault(message) or _content_fault(message, may_see, listed=listed)
    if fault is not None:
        return refused(message, fault[0], text=fault[1])
    first, last = _span(message)
    return Capture(
        request_id=message.text(568),
        since=since,
        is_on=message.text(263) != END,
        accounts=tuple(str(party.get(448, "")) for party in message.group(453)) or None,
        symbol=message.text(55) or None,
        side=SIDES.get(message.text(54)),
        order_id=message.text(37) or None,
        cl_ord_id=message.text(11) or None,
        trade_id=message.text(880) or None,
        first=first,
        last=last,
        header=reversed_route(message) or None,
    )


def _way_fault(message: Message) -> tuple[str, str] | None:
    """Return result and text of what is wrong with the way in which trades are asked for."""
    if message.text(569) not in {_ALL, _MATCHING}:
        return UNSUPPORTED, "TradeRequestType (569) is 0 or 1"
    if message.text(725) not in {"", "0"}:
        return WRONG_TRANSPORT, "reports come in this session: ResponseTransportType (725) 0"
    if message.text(726):
        return WRONG_DESTINATION, "ResponseDestination (726)"
    for tag in sorted(message.body.keys() - _USED):
        return OTHER, f"tag {tag} is not supported here"
    return None


def _content_fault(
    message: Message, may_see: Callable[[str], bool], *, listed: Container[str] | None
) -> tuple[str, str] | None:
    """Return result and text of what is asked for and is not there."""
    if message.text(55) and listed is not None and message.text(55) not in listed:
        return UNKNOWN_INSTRUMENT, f"{message.text(55)} is not listed"
    if message.text(828) not in {"", "0"} or message.text(573) not in {"", "0"}:
        return WRONG_TYPE, "all trades are regular (828=0) and compared (573=0)"
    for party in message.group(453):
        if party.get(452, "24") not in _OWNERS:
            return WRONG_PARTIES, f"PartyRole (452) is one of {', '.join(sorted(_OWNERS, key=int))}"
        if not may_see(str(party.get(448, ""))):
            return NOT_AUTHORIZED, f"this session is not told of {party.get(448, 'a party without PartyID (448)')}"
    if message.text(54) and message.text(54) not in SIDES:
        return OTHER, f"Side (54) {message.text(54)}"
    dates = message.group(580)
    if len(dates) > _RANGE:
        return OTHER, "NoDates (580) is 1 for a date or 2 for a range"
    return None


def _span(message: Message) -> tuple[int | None, int | None]:
    """Return the first and the last instant asked for: a day, from an instant on, or from the one to the other."""
    dates = message.group(580)
    if not dates:
        return None, None
    begin, end = dates[0], dates[-1]
    first = int(nanos_of(str(begin.get(60) or f"{begin[75]}-00:00:00")))
    if 60 not in end:  # noqa: PLR2004 (TransactTime)
        return first, int(end_of(str(end[75]))) - 1
    return first, None if len(dates) < _RANGE else int(nanos_of(str(end[60])))
