"""The exchange obeys commands in order, refuses with a reason, and keeps the day."""

import pytest
from scenarios.notation import command_of
from scenarios.runner import Play

from stockex.core.exchange import Exchange
from stockex.errors import WireError
from stockex.messages.control import Listed, Started, Stopped
from stockex.messages.executions import Quarantined, Rejected
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Nanos, Price, Shares

LISTING = "list ALPHA tick 0.01 reference 25.00"


def opened() -> Exchange:
    """Return an exchange that trades ALPHA, opened by its first two commands."""
    exchange = Exchange(open_accounts=True)
    for offset, line in enumerate((LISTING, "start")):
        exchange.apply(command_of(line), offset=offset, at=Nanos(0))
    return exchange


def refused(line: str) -> Rejected:
    """Return the only fact of a command that an open exchange refuses as number 5."""
    (fact,) = opened().apply(command_of(line), offset=5, at=Nanos(9))
    assert isinstance(fact, Rejected)
    return fact


def test_a_new_exchange_is_empty_and_closed() -> None:
    """Nothing is listed, nobody has an account, no day has begun."""
    exchange = Exchange()
    assert (exchange.phase, exchange.day, exchange.next_offset) == (Phase.CLOSED, 0, 0)
    assert (exchange.desk.listings, exchange.desk.accounts.balances) == ({}, {})
    assert not exchange.desk.accounts.knows("A")


def test_offsets_may_have_gaps() -> None:
    """The next command may come with any higher offset, and its order has that id."""
    exchange = opened()
    fact, *_ = exchange.apply(command_of("A1 buy 1 @ 25.00"), offset=50, at=Nanos(0))
    assert getattr(fact, "order_id", None) == 50
    assert exchange.next_offset == 51


def test_an_offset_cannot_come_again() -> None:
    """A command applied twice would be a bug of ours."""
    exchange = opened()
    with pytest.raises(AssertionError, match="offset 1 after 1"):
        exchange.apply(command_of("start"), offset=1, at=Nanos(0))


def test_time_never_goes_back() -> None:
    """An earlier time counts as the latest one seen."""
    exchange = opened()
    exchange.apply(command_of("suspend"), offset=2, at=Nanos(500))
    (fact,) = exchange.apply(command_of("resume"), offset=3, at=Nanos(400))
    assert fact.at == 500


def test_a_rejection_says_what_and_why() -> None:
    """Type, ids, reason, rule and figures of the refused command."""
    assert refused("A1 buy 0 @ 25.00") == Rejected(
        offset=5,
        index=0,
        at=Nanos(9),
        refused="new",
        account="A",
        cl_ord_id="A1",
        orig_cl_ord_id=None,
        symbol="ALPHA",
        reason=refused("A1 buy 0 @ 25.00").reason,
        rule="VAL-04",
        text="quantity 0",
    )


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("A1 replace to 5 as A2", ("replace", "A", "A2", "A1", "ALPHA")),
        ("A1 cancel as A2", ("cancel", "A", "A2", "A1", "ALPHA")),
        ("A cancel-all in NOPE", ("mass_cancel", "A", None, None, "NOPE")),
        ("start", ("session", "OPERATOR", None, None, None)),
        (LISTING, ("instrument", "", None, None, "ALPHA")),
        ("A deposit shares 1", ("deposit", "A", None, None, None)),
    ],
)
def test_a_rejection_names_what_the_command_names(line: str, names: tuple[str | None, ...]) -> None:
    """Every type of command is refused with its own ids, null where it has none."""
    fact = refused(line)
    assert (fact.refused, fact.account, fact.cl_ord_id, fact.orig_cl_ord_id, fact.symbol) == names


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("start", "phase CONTINUOUS"),
        (LISTING, "symbol ALPHA"),
        ("list BETA tick -0.01 reference 1", "tick -0.01"),
        ("list BETA tick 0.01 lot 0 reference 1", "lot 0"),
        ("list BETA tick 0.02 reference 0", "price 0.00"),
        ("A deposit cash -1 shares 2", "cash -1.00, quantity 2"),
        ("A deposit in NOPE", "symbol NOPE"),
    ],
)
def test_a_rejection_has_the_figures(line: str, text: str) -> None:
    """The numbers that decided stand in the text."""
    assert refused(line).text == text


def test_a_record_that_cannot_be_read_has_its_place() -> None:
    """It is passed over with its field and text, and takes its offset."""
    exchange = opened()
    facts = exchange.quarantine(WireError("no such side", field="side"), offset=2, at=Nanos(3))
    assert facts == [Quarantined(offset=2, index=0, at=Nanos(3), field_name="side", text="no such side")]
    assert exchange.next_offset == 3


def test_a_listing_is_told_whole() -> None:
    """Name, tick, lot and reference stand in the fact."""
    (fact,) = Exchange().apply(command_of("list B tick 0.05 lot 10 reference 1"), offset=0, at=Nanos(0))
    assert fact == Listed(
        offset=0, index=0, at=Nanos(0), symbol="B", name="", tick=Price(500), lot=Shares(10), reference=Price(10_000)
    )


def test_closing_prices_are_the_next_day_s_references() -> None:
    """The last price of the day, or the old reference where nothing traded."""
    play = Play()
    for line in ("list BETA tick 0.01 reference 9.00", "A1 sell 1 @ 26.00", "B1 buy 1 @ 26.00", "end", "start"):
        play.step(line)
    stopped = [fact for fact in play.facts if isinstance(fact, Stopped)][-1]
    started = [fact for fact in play.facts if isinstance(fact, Started)][-1]
    assert stopped.closes == started.references == {"ALPHA": 260_000, "BETA": 90_000}
    assert (stopped.day, started.day) == (1, 2)


def test_a_day_without_trades_keeps_the_close() -> None:
    """The price of the day before is not forgotten, and no trade is made up."""
    play = Play()
    for line in ("A1 sell 1 @ 26.00", "B1 buy 1 @ 26.00", "end", "start"):
        play.step(line)
    assert play.exchange.desk.listings["ALPHA"].last is None
    play.step("end => stopped day 2 ALPHA 26.00")
