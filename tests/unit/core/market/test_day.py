"""Claims about `stockex.core.market.day` that the scenarios do not show: the figures of refusals."""

import pytest
from scenarios.notation import command_of
from unit.core.market.playing import figures, played

from stockex.core.exchange import Exchange
from stockex.messages.executions import Rejected
from stockex.vocabulary.units import Nanos


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (("uncross",), "phase CONTINUOUS"),
        (("call", "pre-open"), "pre_open in phase CALL"),
        (("halt in ALPHA", "call"), "call in phase HALTED"),
        (("halt in ALPHA", "uncross in ALPHA"), "uncross in phase HALTED"),
    ],
)
def test_a_refused_phase_says_what_was_asked_where(lines: tuple[str, ...], text: str) -> None:
    """The phase that leads nowhere, and, but for the end of a call, the action."""
    assert figures(*lines) == text


def test_the_first_instrument_says_why_none_is_led_on() -> None:
    """A record for all is refused for what the first one listed is in."""
    lines = ("list BETA tick 0.01 reference 10.00", "halt in BETA", "call in ALPHA", "opening-call")
    assert figures(*lines) == "opening_call in phase CALL"


def test_where_nothing_is_listed_nothing_is_led_on() -> None:
    """An open exchange without instruments refuses every phase."""
    exchange = Exchange()
    exchange.apply(command_of("start"), offset=0, at=Nanos(0))
    (fact,) = exchange.apply(command_of("call"), offset=1, at=Nanos(0))
    assert isinstance(fact, Rejected)
    assert (fact.reason, fact.text) == ("NO_CALL", "no instrument is listed")


def test_a_halt_forgets_the_indication() -> None:
    """It is told anew when the call goes on."""
    lines = ("call", "A1 buy 5 @ 25.00", "B1 sell 5 @ 25.00")
    assert played(*lines).desk.listings["ALPHA"].indication == (250_000, 5, 0)
    assert played(*lines, "halt in ALPHA").desk.listings["ALPHA"].indication is None
