"""What several shards say of one command is told as one matcher would tell it."""

from stockex.core.shards.collating import collated
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.control import Killed, PhaseChanged, Started, Stopped, TimePassed
from stockex.messages.executions import Rejected
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

AT = Nanos(5)


def moved(symbol: str, index: int = 0) -> PhaseChanged:
    """Return that an instrument has come to rest."""
    return PhaseChanged(offset=9, index=index, at=AT, symbol=symbol, phase=Phase.CONTINUOUS)


def refused(reason: RejectReason) -> Rejected:
    """Return a refusal of all that a shard knows."""
    return Rejected(
        offset=9,
        index=0,
        at=AT,
        refused="kill",
        account="A",
        cl_ord_id=None,
        orig_cl_ord_id=None,
        symbol=None,
        reason=reason,
        rule="X-01",
        text="",
    )


def test_a_day_ends_once_with_the_closes_of_all_after_what_was_due() -> None:
    """What a shard did before it ended the day comes before the day's end, whichever shard it was."""
    first: list[Fact] = [moved("ALPHA"), Stopped(offset=9, index=1, at=AT, day=1, closes={"ALPHA": Price(1)})]
    second: list[Fact] = [
        moved("BETA"),
        moved("BETA", 1),
        Stopped(offset=9, index=2, at=AT, day=1, closes={"BETA": Price(2)}),
    ]
    closes = {"ALPHA": Price(1), "BETA": Price(2)}
    assert collated([first, second]) == [
        *(moved("ALPHA", 0), moved("BETA", 1), moved("BETA", 2)),
        Stopped(offset=9, index=3, at=AT, day=1, closes=closes),
    ]


def test_a_day_begins_before_what_it_brings_about() -> None:
    """The signal first, then the phases of all instruments."""
    first: list[Fact] = [Started(offset=9, index=0, at=AT, day=1, references={"ALPHA": Price(1)}), moved("ALPHA", 1)]
    second: list[Fact] = [Started(offset=9, index=0, at=AT, day=1, references={}), moved("BETA", 1)]
    assert collated([first, second]) == [*first, moved("BETA", 2)]


def test_cash_and_orders_are_counted_together() -> None:
    """The parts of a deposit are the deposit; what a kill switch cancelled is the sum."""
    parts = [
        [Deposited(offset=9, index=0, at=AT, account="A", cash=Cash(cash), symbol=None, qty=Shares(0))]
        for cash in (4, 3)
    ]
    assert [fact.cash for fact in collated(parts) if isinstance(fact, Deposited)] == [7]
    kills = [[Killed(offset=9, index=0, at=AT, account="A", count=count)] for count in (2, 0, 1)]
    assert collated(kills) == [Killed(offset=9, index=0, at=AT, account="A", count=3)]


def test_a_command_is_refused_when_all_refuse_it() -> None:
    """With the reason of a shard that knows the account; one that obeyed outweighs all that refused."""
    strange, known = refused(RejectReason.UNKNOWN_ACCOUNT), refused(RejectReason.ALREADY_KILLED)
    assert collated([[strange], [known]]) == [known]
    assert collated([[strange], [strange]]) == [strange]
    killed = Killed(offset=9, index=0, at=AT, account="A", count=2)
    assert collated([[strange], [killed]]) == [killed]
    assert collated([[moved("ALPHA")], [refused(RejectReason.NO_CALL)]]) == [moved("ALPHA")]


def test_time_passes_once() -> None:
    """Each shard says so, and one is told."""
    passed = TimePassed(offset=9, index=0, at=AT)
    assert collated([[passed], [passed]]) == [passed]
