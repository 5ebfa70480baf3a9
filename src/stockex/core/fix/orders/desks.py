"""All desks of a gateway: which of them a fact concerns."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stockex.core.fix.copies.watcher import Watcher, copy_of
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.reports import STATUS, Report
from stockex.messages.executions import (
    Accepted,
    AnyExecution,
    MassCancelled,
    Rejected,
    TradeBusted,
    TradeCorrected,
    Traded,
)
from stockex.messages.orders import AnyCommand

_COPIED: Final = frozenset({"8", "9", "r"})

Asked = tuple[int, str, AnyCommand]
"""A command with its offset, and the `source` of the session that sent it, "" if none did."""


class Desks:
    """Gives commands and facts, as the log brings them, to the desks that they concern."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        """Take desks of which those that enter orders share their `owners`; watchers have their own."""
        self._by_source = {desk.party.source: desk for desk in desks}
        self._owners: dict[int, Desk] = next((desk.owners for desk in desks if not isinstance(desk, Watcher)), {})
        self._watchers = [desk for desk in desks if isinstance(desk, Watcher)]
        self._asked: OrderedDict[int, tuple[Desk | None, AnyCommand]] = OrderedDict()

    def note(self, command: AnyCommand, *, offset: int, is_known: bool = False) -> None:
        """Take note of a command: its facts will name it by its offset. `is_known`: its desk has asked for it."""
        desk = self._by_source.get(command.source)
        if desk is not None and not is_known:
            desk.ask(command)
        if desk is not None or self._watchers:
            self._asked[offset] = desk, command

    def asked(self) -> list[Asked]:
        """Return the commands of which facts may still come."""
        return [
            (offset, "" if desk is None else desk.party.source, command)
            for offset, (desk, command) in self._asked.items()
        ]

    def restore(self, asked: Iterable[Asked]) -> None:
        """Expect the facts of these commands."""
        self._asked = OrderedDict((offset, (self._by_source.get(source), command)) for offset, source, command in asked)

    def told(self, fact: AnyExecution) -> Iterator[tuple[Desk, Report]]:
        """Take in a fact; yield the reports of it, each with the desk that is told."""
        asking, command = self._asked.get(fact.offset, (None, None))
        for desk in self._concerned(fact, asking):
            for report in desk.told(fact, command if desk is asking else None):
                yield desk, report
        for watcher in self._watchers:
            for report in watcher.copies(fact, command, asking=asking):
                yield watcher, report
        while self._asked and (oldest := next(iter(self._asked))) < fact.offset:
            del self._asked[oldest]

    def copied(self, answer: Report, desk: Desk) -> Iterator[tuple[Desk, Report]]:
        """Yield the copies of what a desk is told that no fact makes, each with the desk that is told.

        Where orders stand is told to who asks alone, as is what concerns no order.
        """
        if answer.msg_type in _COPIED and answer.body.get(150) != STATUS:
            for watcher in self._watchers:
                if watcher is not desk and watcher.may_see(desk.party.account):
                    yield watcher, copy_of(answer, source=desk.party.source)

    def are_open(self, order_ids: Iterable[int]) -> Iterator[int]:
        """Yield those of the orders that may still trade."""
        for order_id in order_ids:
            desk = self._owners.get(order_id)
            watching = self._watchers if desk is None else (desk, *self._watchers)
            if any(each.is_open(order_id) for each in watching):
                yield order_id

    def _concerned(self, fact: AnyExecution, asking: Desk | None) -> list[Desk]:
        """Return the desks that a fact concerns, each once."""
        match fact:
            case Accepted():
                return _known(self._by_source.get(fact.source))
            case Traded() | TradeBusted() | TradeCorrected():
                buyer, seller = self._owners.get(fact.buy.order_id), self._owners.get(fact.sell.order_id)
                return _known(buyer) if buyer is seller else [*_known(buyer), *_known(seller)]
            case Rejected() | MassCancelled():
                return _known(asking)
            case _:
                return _known(self._owners.get(getattr(fact, "order_id", -1)))


def _known(desk: Desk | None) -> list[Desk]:
    return [] if desk is None else [desk]
