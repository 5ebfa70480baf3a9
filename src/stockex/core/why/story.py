"""The explanation of one command, fact by fact."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stockex.core.exchange import Exchange
from stockex.core.snapshot import dump
from stockex.core.why.auctions import extended, indicative, interrupted, uncrossed
from stockex.core.why.ending import cancelled, expired, mass_cancelled, reduced
from stockex.core.why.entry import accepted, rejected, replaced, stop_moved, triggered
from stockex.core.why.resting import priced, refreshed, repriced, rested
from stockex.core.why.scene import Scene
from stockex.core.why.signals import kill_switch, mark_of, signalled
from stockex.core.why.trades import traded, undone
from stockex.core.why.words import Called, Line, owner_and_id, why_of
from stockex.messages.codec import Fact
from stockex.messages.control import CallExtended, Interrupted, Killed, Released, Uncrossed
from stockex.messages.executions import (
    Accepted,
    Cancelled,
    Expired,
    MassCancelled,
    Priced,
    Reduced,
    Refreshed,
    Rejected,
    Replaced,
    Repriced,
    Rested,
    StopMoved,
    TradeBusted,
    TradeCorrected,
    Traded,
    Triggered,
)
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Trade
from stockex.messages.orders import AnyCommand
from stockex.messages.views import Why

ECHOES: Final = (Trade, Bust, Correction, BookChanged)
"""Facts that repeat others for the public; they need no explanation of their own."""

_EXPLAINERS: Final[dict[type, Callable[..., Iterator[Line]]]] = {
    Accepted: accepted,
    Rejected: rejected,
    Replaced: replaced,
    StopMoved: stop_moved,
    Triggered: triggered,
    Rested: rested,
    Priced: priced,
    Repriced: repriced,
    Refreshed: refreshed,
    Traded: traded,
    Cancelled: cancelled,
    Reduced: reduced,
    Expired: expired,
    MassCancelled: mass_cancelled,
    TradeBusted: undone,
    TradeCorrected: undone,
    Killed: kill_switch,
    Released: kill_switch,
    Uncrossed: uncrossed,
    Interrupted: interrupted,
    CallExtended: extended,
    Indicative: indicative,
}


class Witness:
    """Sees an exchange before a command; afterwards it can say why each fact came about.

    Cost: a copy of the state of the exchange.
    """

    def __init__(self, before: Exchange | bytes, called: Called = owner_and_id) -> None:
        """Look at an exchange as it is now, or at a snapshot. `called` names the orders of the story."""
        self._scene = Scene(before if isinstance(before, bytes) else dump(before), called)

    def explained(self, command: AnyCommand | None, facts: Sequence[Fact]) -> tuple[Why, ...]:
        """Return why each of the facts that `command` caused came about; no command: it could not be read."""
        scene = self._scene
        scene.command, scene.facts = command, facts
        whys: list[Why] = []
        for fact in facts:
            if not isinstance(fact, ECHOES):
                lines = _EXPLAINERS.get(type(fact), signalled)(fact, scene)
                whys += (why_of(line, offset=fact.offset, index=fact.index, about=mark_of(fact)) for line in lines)
            scene.follow(fact)
        return tuple(whys)


def explained(before: Exchange, command: AnyCommand | None, *, facts: Sequence[Fact]) -> tuple[Why, ...]:
    """Return why the facts came about that `command` caused on the exchange that was `before`, which stays as it is."""
    return Witness(before).explained(command, facts)
