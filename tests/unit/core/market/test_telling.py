"""Claims about what the desk tells: every term of an order that was taken, and which instrument a fact is about."""

from typing import Final

import pytest
from msgspec.structs import asdict
from unit.core.market.playing import newest

from stockex.messages.control import PhaseChanged, Uncrossed
from stockex.messages.executions import Accepted, Replaced
from stockex.messages.market_data import BookChanged, Indicative
from stockex.vocabulary.enums import OrdType, SelfTrade, TimeInForce

PLAIN: Final = {
    "ord_type": OrdType.LIMIT,
    "tif": TimeInForce.DAY,
    "post_only": False,
    "self_trade": SelfTrade.CANCEL_NEWEST,
    "stop": None,
    "display": None,
    "min_visible": None,
    "hidden": False,
    "min_exec": None,
    "cancel_below_min": False,
    "cap": None,
    "expire_at": None,
    "cancel_on_disconnect": False,
    "min_qty": None,
    "trail": None,
}
"""What a plain limit order is told with."""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("@ 25.00", {}),
        ("@ 25.00 GTC post-only", {"tif": TimeInForce.GTC, "post_only": True}),
        ("@ 25.00 CANCEL_BOTH", {"self_trade": SelfTrade.CANCEL_BOTH}),
        ("market", {"ord_type": OrdType.MARKET}),
        ("@ 25.00 stop 26.00", {"ord_type": OrdType.STOP_LIMIT, "stop": 260_000}),
        ("stop 26.00", {"ord_type": OrdType.STOP, "stop": 260_000}),
        ("@ 25.00 display 4 min-visible 2", {"display": 4, "min_visible": 2}),
        ("@ 25.00 hidden", {"hidden": True}),
        ("@ 25.00 min-exec 5 cancel-below", {"min_exec": 5, "cancel_below_min": True}),
        ("@ 25.00 GTD until 12.5", {"tif": TimeInForce.GTD, "expire_at": 12_500_000_000}),
        ("@ 25.00 until-disconnect from FIX", {"cancel_on_disconnect": True}),
        ("@ 25.00 min-qty 5", {"min_qty": 5}),
        ("trail 0.50", {"ord_type": OrdType.TRAILING_STOP, "trail": 5_000}),
    ],
)
def test_an_order_is_told_as_it_was_asked_for(words: str, told: dict[str, object]) -> None:
    """All of its terms, and nothing that it has not."""
    fact = newest(f"A1 buy 10 {words}")[0]
    assert isinstance(fact, Accepted)
    assert {name: value for name, value in asdict(fact).items() if name in PLAIN} == PLAIN | told


def test_what_covers_a_buy_without_a_limit_is_told() -> None:
    """The cap: 110 % of the reference price."""
    fact = newest("A deposit cash 1000.00", "call", "A1 buy 10 market")[0]
    assert isinstance(fact, Accepted)
    assert fact.cap == 275_000


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("stop 26.00", (0, 260_000, None, None)),
        ("@ 25.00 min-exec 5", (0, None, 5, None)),
        ("@ 25.00 GTD until 12.5", (0, None, None, 12_500_000_000)),
        ("@ 25.01", (4, None, None, None)),
    ],
)
def test_a_replaced_order_is_told_with_what_it_keeps(words: str, told: tuple[object, ...]) -> None:
    """What was filled, its stop, its minimum execution and its expiry."""
    fact = newest("B1 sell 4 @ 25.01", f"A1 buy 10 {words}", "A1 replace to 8")[0]
    assert isinstance(fact, Replaced)
    assert (fact.cum, fact.stop, fact.min_exec, fact.expire_at) == told


def test_facts_about_a_market_name_their_instrument() -> None:
    """Levels, phases, indications and auctions."""
    lines = ("list BETA tick 0.01 reference 25.00", "call", "A1 buy 5 @ 25.00 in BETA", "B1 sell 5 @ 25.00 in BETA")
    facts = [*newest(*lines), *newest(*lines, "uncross in BETA")]
    told = [
        (type(fact), fact.symbol)
        for fact in facts
        if isinstance(fact, BookChanged | Indicative | PhaseChanged | Uncrossed)
    ]
    kinds = (BookChanged, Indicative, Uncrossed, PhaseChanged, BookChanged)
    assert told == [(kind, "BETA") for kind in kinds]
