"""Claims about `stockex.core.market_data.switches`."""

from stockex.core.market_data.switches import Switches
from stockex.messages.codec import Message
from stockex.messages.control import Killed, Released, Suspended
from stockex.messages.views import KillsView
from stockex.vocabulary.units import Nanos


def killed(account: str | None) -> Killed:
    """Return that a switch was turned on."""
    return Killed(offset=1, index=0, at=Nanos(1), account=account, count=0)


def released(account: str | None) -> Released:
    """Return that a switch was turned off."""
    return Released(offset=2, index=0, at=Nanos(2), account=account)


def switches(*messages: Message) -> Switches:
    """Return switches that have seen `messages`."""
    made = Switches()
    for message in messages:
        made.apply(message)
    return made


def test_nobody_is_stopped_at_first() -> None:
    """And other signals stop nobody."""
    assert switches(Suspended(offset=1, index=0, at=Nanos(1))).kills() == KillsView(everybody=False, accounts=())


def test_the_switches_do_not_touch_each_other() -> None:
    """Accounts stand in alphabetical order; the one for everybody is apart (CTL-04)."""
    made = switches(killed("USR02"), killed(None), killed("USR01"))
    assert made.kills() == KillsView(everybody=True, accounts=("USR01", "USR02"))
    made.apply(released("USR02"))
    assert made.kills() == KillsView(everybody=True, accounts=("USR01",))
    made.apply(released(None))
    assert made.kills() == KillsView(everybody=False, accounts=("USR01",))


def test_an_account_sees_what_stops_it() -> None:
    """Not who else is stopped."""
    made = switches(killed("USR01"), killed("USR02"))
    assert made.seen_by("USR01") == KillsView(everybody=False, accounts=("USR01",))
    assert made.seen_by("USR03") == made.seen_by(None) == KillsView(everybody=False, accounts=())
    made.apply(killed(None))
    assert made.seen_by(None) == KillsView(everybody=True, accounts=())


def test_switches_come_back_from_their_dump() -> None:
    """What is loaded dumps the same."""
    made = switches(killed("USR01"), killed(None))
    again = Switches.load(made.dump())
    assert (again.dump(), again.kills()) == (made.dump(), made.kills())
