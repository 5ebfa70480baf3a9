"""What is traded here: SecurityListRequest (x) to SecurityList (y), SecurityDefinitionRequest (c) to its answer (d).

Source: FIX 4.4, volume 3, "Securities reference data".
"""

from collections.abc import Iterator, Sequence
from typing import Final

from stockex.core.fix.market.seen import SESSION, SNAPSHOT, Market
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.terms import decimal_text
from stockex.messages.control import Listed

FRAGMENT: Final = 500
"""How many securities one SecurityList has at most."""

_VALID: Final = "0"
_UNSUPPORTED: Final = "1"
_NONE_FOUND: Final = "2"
_EQUITY: Final = "5"
_COMMON_STOCK: Final = "CS"

_ACCEPTED: Final = "1"
_CANNOT_MATCH: Final = "6"


def listed_securities(message: Message, market: Market) -> Iterator[Report]:
    """Yield the answers to a SecurityListRequest by symbol, type, product, session, or for all.

    A list that is subscribed to, or asked for in another way, is refused with 560=1.
    """
    asked = message.text(320)
    if message.text(263) not in {"", SNAPSHOT}:
        yield _list(asked, [], result=_UNSUPPORTED)
        return
    wanted = _wanted(message)
    if wanted is None:
        yield _list(asked, [], result=_UNSUPPORTED)
        return
    found = list(market.instruments.values()) if wanted else []
    if message.text(559) == "0":
        found = [each for each in found if each.symbol == message.text(55)]
    if not found:
        yield _list(asked, [], result=_NONE_FOUND)
    for begin in range(0, len(found), FRAGMENT):
        yield _list(asked, found, begin=begin)


def _wanted(message: Message) -> bool | None:
    """Say whether the request can name something that is traded here; None: nobody can ask in that way."""
    match message.text(559):
        case "0" | "4":
            return True
        case "1":
            return message.text(167) == _COMMON_STOCK or message.text(461).startswith("ES")
        case "2":
            return message.text(460) == _EQUITY
        case "3":
            return message.text(336) == SESSION
        case _:
            return None


def _list(asked: str, found: Sequence[Listed], *, begin: int = 0, result: str = _VALID) -> Report:
    part = found[begin : begin + FRAGMENT]
    body: dict[int, str | tuple[Fields, ...]] = {320: asked, 322: f"{asked}-{begin // FRAGMENT + 1}", 560: result}
    if part:
        is_last = begin + FRAGMENT >= len(found)
        entries = tuple(_terms(each) for each in part)
        body |= {393: str(len(found)), 893: "Y" if is_last else "N", 146: entries}
    return Report("y", body)


def defined_securities(message: Message, market: Market) -> Iterator[Report]:
    """Yield the answers to a SecurityDefinitionRequest for one security (321=0, 1) or for all (3)."""
    asked, kind, symbol = message.text(320), message.text(321), message.text(55)
    instruments = market.instruments
    found = list(instruments.values()) if kind == "3" else [instruments[symbol]] if symbol in instruments else []
    if kind == "2" or not found:
        text = "security types are not listed" if kind == "2" else "no such security"
        named = {55: symbol} if symbol else {}
        yield Report("d", {320: asked, 322: f"{asked}-1", 323: _CANNOT_MATCH, 58: text, **named})
        return
    for place, each in enumerate(found, 1):
        yield Report("d", {320: asked, 322: f"{asked}-{place}", 323: _ACCEPTED, **_terms(each)})


def _terms(listed: Listed) -> dict[int, str]:
    """Return what a security is, in the order of a SecurityList's group."""
    lot = str(listed.lot)
    return {
        55: listed.symbol,
        460: _EQUITY,
        167: _COMMON_STOCK,
        107: listed.name,
        15: "EUR",
        561: lot,
        562: lot,
        336: SESSION,
        58: f"tick {decimal_text(listed.tick)}",
    }
