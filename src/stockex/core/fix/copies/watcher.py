"""A drop copy: what is told of the accounts that a session watches.

An ExecutionReport is marked as a copy (797). The account's own session, if its orders came by one, is told the same
with the same ExecID (17). OrderCancelReject (9) and OrderMassCancelReport (r) have no field for a mark: their header
says to which session the original went (128).

Source: FIX 4.4, volume 6, CopyMsgIndicator (797), PartyRole (452).
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec.structs import replace

from stockex.core.fix.message import Fields
from stockex.core.fix.orders.desk import Desk, DeskState, number_of
from stockex.core.fix.orders.entry import Party
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.ticket import Ticket
from stockex.messages.executions import Accepted, AnyExecution, Rejected, TradeBusted, TradeCorrected, Traded
from stockex.messages.orders import AnyCommand

_PROPRIETARY: Final = "D"
_ENTERING_TRADER: Final = "36"
"""PartyIDSource (447) and PartyRole (452)."""


class Watcher(Desk):
    """Follows the orders of some accounts, or of all; has none of its own."""

    may_enter = False

    def __init__(self, party: Party, accounts: AbstractSet[str] | None) -> None:
        """Watch `accounts`, None for all; `party` is whose session it is."""
        super().__init__(party)
        self.accounts = accounts
        self._desks: dict[str, Desk] = {}

    def state(self) -> DeskState:
        """As `Desk` says, of all accounts that are watched."""
        return replace(super().state(), watched={account: desk.state() for account, desk in self._desks.items()})

    def restore(self, state: DeskState) -> None:
        """As `Desk` says."""
        super().restore(state)
        for account, known in state.watched.items():
            self._desk(account).restore(known)

    def is_open(self, order_id: int) -> bool:
        """As `Desk` says, of an account that is watched."""
        desk = self.owners.get(order_id)
        return desk is not None and desk.is_open(order_id)

    def ticket_of(self, order_id: str) -> Ticket | None:
        """As `Desk` says, of an account that is watched."""
        desk = self.owners.get(number_of(order_id))
        return None if desk is None else desk.ticket_of(order_id)

    def tickets(self) -> Iterator[Ticket]:
        """As `Desk` says, account by account."""
        for desk in list(self._desks.values()):
            yield from desk.tickets()

    def may_see(self, account: str) -> bool:
        """As `Desk` says, of the accounts that are watched."""
        return self.accounts is None or account in self.accounts

    def has_to_end(self) -> bool:
        """Say that no order ends with this session."""
        return False

    def copies(self, fact: AnyExecution, request: AnyCommand | None, *, asking: Desk | None) -> Iterator[Report]:
        """Take in a fact; yield the copies of the reports of it.

        `request` is the command behind it, `asking` the desk that sent that.
        """
        for account in _accounts_of(fact):
            if not self.may_see(account):
                continue
            desk = self._desk(account)
            if asking is not None and isinstance(fact, Accepted | Rejected) and fact.cl_ord_id:
                list_id = asking.list_of(fact.cl_ord_id)
                if list_id:
                    desk.enlist(list_id, (*desk.lists.get(list_id, ()), fact.cl_ord_id))
            for report in desk.told(fact, request):
                if report.msg_type == "8":
                    order = request if isinstance(fact, Rejected) else desk.ticket_of(str(report.body[37]))
                    yield copy_of(report, source="" if order is None else order.source)
                elif asking is not None:
                    yield copy_of(report, source=asking.party.source)

    def _desk(self, account: str) -> Desk:
        """Return what follows the orders of an account; all these share their `owners`."""
        desk = self._desks.get(account)
        if desk is None:
            desk = self._desks[account] = Desk(Party(account, ""), self.owners)
        return desk


def copy_of(report: Report, *, source: str) -> Report:
    """Return the copy of a report on an order or a request that came from `source`, "" where that is not known."""
    if report.msg_type != "8":
        return Report(report.msg_type, report.body, {128: source.removeprefix("FIX:")})
    body: dict[int, str | tuple[Fields, ...]] = {**report.body, 797: "Y"}
    if source:
        body[453] = ({448: source.removeprefix("FIX:"), 447: _PROPRIETARY, 452: _ENTERING_TRADER},)
    return Report("8", body)


def _accounts_of(fact: AnyExecution) -> Iterator[str]:
    """Yield the accounts whose orders a fact concerns, each once."""
    match fact:
        case Traded() | TradeBusted() | TradeCorrected():
            yield fact.buy.account
            if fact.sell.account != fact.buy.account:
                yield fact.sell.account
        case _:
            account = getattr(fact, "account", None)
            if account:
                yield account
