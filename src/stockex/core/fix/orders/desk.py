"""The desk of one session: its orders, what it has asked for, and what it is told.

    message ──> requested ──> commands, answers          facts ──> told ──> reports

What a fact says is told whatever the session has asked since; what can be answered at once is answered from the facts
told so far and the requests that are on their way.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from stockex.core.fix.message import Fields
from stockex.core.fix.orders import reports
from stockex.core.fix.orders.entry import Party
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.ticket import Terms, Ticket
from stockex.messages.executions import (
    Accepted,
    AnyExecution,
    Cancelled,
    Expired,
    MassCancelled,
    Priced,
    Reduced,
    Rejected,
    Replaced,
    Repriced,
    StopMoved,
    TradeBusted,
    TradeCorrected,
    Traded,
    Triggered,
)
from stockex.messages.orders import AnyCommand, CancelOrder, MassCancel, NewOrder, ReplaceOrder

ENDED_KEPT: Final = 10_000
"""How many ended orders a session may still ask about and be told of, the newest."""

LISTS_KEPT: Final = 1_000
_DIGITS: Final = 18

IDS_KEPT: Final = 100_000
"""How many client ids of a session are known to have been used, the newest."""


def number_of(order_id: str) -> int:
    """Return the number that an OrderID (37) is, -1 for one that none of ours can be: its text may be of any length."""
    return int(order_id) if len(order_id) <= _DIGITS and order_id.isascii() and order_id.isdigit() else -1


class DeskState(Struct, frozen=True):
    """All that a desk knows. `ids` names the order of each client id; `watched` are the desks of a watcher."""

    on_way: dict[str, AnyCommand]
    tickets: list[Ticket]
    ended: list[int]
    ids: dict[str, int]
    used: list[str]
    lists: dict[str, tuple[str, ...]]
    list_of: dict[str, str]
    routes: dict[str, dict[int, str]]
    watched: "dict[str, DeskState]"


class Desk:
    """Follows the orders of one session.

    Attributes:
        party: Whose they are.
        owners: The desk of each order, of this session and of those that share it.
        lists: The client ids of each list, by ListID, the newest lists.
        routes: The header fields that send reports on a client id the way that it came, where it came through others.
        on_way: What was asked for under a ClOrdID and has not been answered by a fact.
        may_enter: Whether the session may enter orders.
    """

    may_enter = True

    def __init__(self, party: Party, owners: "dict[int, Desk] | None" = None) -> None:
        """Be empty; enter each order that comes into `owners`, by its id, as long as it is known."""
        self.party = party
        self.owners = {} if owners is None else owners
        self.on_way: dict[str, AnyCommand] = {}
        self._orders: dict[int, Ticket] = {}
        self._ended: OrderedDict[int, None] = OrderedDict()
        self._ids: dict[str, Ticket] = {}
        self._used: OrderedDict[str, None] = OrderedDict()
        self.lists: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._list_of: dict[str, str] = {}
        self.routes: OrderedDict[str, Fields] = OrderedDict()

    def state(self) -> DeskState:
        """Return all that the desk knows; it shares what it holds with the desk."""
        return DeskState(
            on_way=self.on_way,
            tickets=list(self._orders.values()),
            ended=list(self._ended),
            ids={cl_ord_id: ticket.order_id for cl_ord_id, ticket in self._ids.items()},
            used=list(self._used),
            lists=self.lists,
            list_of=self._list_of,
            routes={each: {tag: str(value) for tag, value in route.items()} for each, route in self.routes.items()},
            watched={},
        )

    def restore(self, state: DeskState) -> None:
        """Know what another desk knew, and nothing before."""
        self.on_way = state.on_way
        self._orders = {ticket.order_id: ticket for ticket in state.tickets}
        self._ended = OrderedDict.fromkeys(state.ended)
        self._ids = {cl_ord_id: self._orders[order_id] for cl_ord_id, order_id in state.ids.items()}
        self._used = OrderedDict.fromkeys(state.used)
        self.lists = OrderedDict(state.lists)
        self._list_of = state.list_of
        self.routes = OrderedDict(state.routes)
        self.owners.update(dict.fromkeys(self._orders, self))

    def ask(self, command: AnyCommand) -> None:
        """Take note of a command that the session has sent, or had sent before a restart. Twice does no harm."""
        cl_ord_id = getattr(command, "cl_ord_id", None)
        if cl_ord_id:
            self.use(cl_ord_id)
            self.on_way[cl_ord_id] = command

    def withdraw(self, command: AnyCommand) -> None:
        """Forget a command that was not sent after all, with the list that it came in."""
        self._answered(command)
        cl_ord_id = getattr(command, "cl_ord_id", None) or ""
        self.lists.pop(self._list_of.pop(cl_ord_id, ""), None)
        self._used.pop(cl_ord_id, None)
        self.routes.pop(cl_ord_id, None)

    def use(self, cl_ord_id: str) -> None:
        """Take note of a client id."""
        self._used[cl_ord_id] = None
        if len(self._used) > IDS_KEPT:
            self._used.popitem(last=False)

    def route(self, cl_ord_id: str, header: Fields) -> None:
        """Send reports on a client id with these header fields."""
        self.routes[cl_ord_id] = header
        if len(self.routes) > IDS_KEPT:
            self.routes.popitem(last=False)

    def has_used(self, cl_ord_id: str) -> bool:
        """Say whether the session has used this client id lately."""
        return cl_ord_id in self._used

    def ticket(self, cl_ord_id: str) -> Ticket | None:
        """Return the order that has or had this client id, if the engine has taken it."""
        return self._ids.get(cl_ord_id)

    def ticket_of(self, order_id: str) -> Ticket | None:
        """Return the order with this OrderID (37)."""
        return self._orders.get(number_of(order_id))

    def is_open(self, order_id: int) -> bool:
        """Say whether this is an order of the session that may still trade."""
        ticket = self._orders.get(order_id)
        return ticket is not None and ticket.is_open

    def tickets(self) -> Iterator[Ticket]:
        """Yield the orders that are known now, oldest first, whatever happens meanwhile."""
        return iter(list(self._orders.values()))

    def terms(self, cl_ord_id: str) -> Terms | None:
        """Return the terms of an order of this client id, also of one that is on its way."""
        ticket = self._ids.get(cl_ord_id)
        if ticket is not None:
            return ticket.terms
        asked = self.on_way.get(cl_ord_id)
        if isinstance(asked, NewOrder):
            return Terms.of(asked)
        return self.terms(asked.orig_cl_ord_id) if isinstance(asked, ReplaceOrder) else None

    def enlist(self, list_id: str, cl_ord_ids: tuple[str, ...]) -> None:
        """Take note of a list."""
        self.lists[list_id] = cl_ord_ids
        self._list_of.update(dict.fromkeys(cl_ord_ids, list_id))
        if len(self.lists) > LISTS_KEPT:
            for cl_ord_id in self.lists.popitem(last=False)[1]:
                self._list_of.pop(cl_ord_id, None)

    def list_of(self, cl_ord_id: str) -> str:
        """Return the ListID (66) of the list in which an order came, "" if in none."""
        return self._list_of.get(cl_ord_id, "")

    def is_full(self, more: int = 1) -> bool:
        """Say whether the session may not have so many more orders."""
        most = self.party.most_open
        return most is not None and len(self._orders) - len(self._ended) + len(self.on_way) + more > most

    def may_see(self, account: str) -> bool:
        """Say whether the session is told of an account's trades."""
        return account == self.party.account

    def has_to_end(self) -> bool:
        """Say whether an order that is open, or on its way, is to end with the session."""
        return any(each.is_open and each.terms.ends_when_down for each in self._orders.values()) or any(
            isinstance(asked, NewOrder) and asked.cancel_on_disconnect for asked in self.on_way.values()
        )

    def told(self, fact: AnyExecution, request: AnyCommand | None) -> Sequence[Report]:
        """Take in a fact that concerns the session; return the reports of it.

        `request` is the command behind it if the session sent that.
        """
        match fact:
            case Accepted():
                return [reports.accepted(self._take(fact), fact)]
            case Traded() | TradeBusted() | TradeCorrected():
                return list(self._traded(fact))
            case Rejected():
                return self._refused(fact, request)
            case MassCancelled() if isinstance(request, MassCancel):
                self._answered(request)
                return [reports.mass_cancelled(fact, request)]
            case Cancelled() | Expired() | Replaced() | Reduced() | Triggered() | Priced() | Repriced() | StopMoved():
                ticket = self._orders.get(fact.order_id)
                return [] if ticket is None else [self._changed(ticket, fact, request=request)]
            case _:
                return []

    def _take(self, fact: Accepted) -> Ticket:
        ticket = Ticket.of(fact, list_id=self.list_of(fact.cl_ord_id))
        self.on_way.pop(fact.cl_ord_id, None)
        self.use(fact.cl_ord_id)
        self._orders[fact.order_id] = self._ids[fact.cl_ord_id] = ticket
        self.owners[fact.order_id] = self
        return ticket

    def _traded(self, fact: Traded | TradeBusted | TradeCorrected) -> Iterator[Report]:
        for side, part in reports.sides_of(fact):
            ticket = self._orders.get(part.order_id)
            if ticket is None:
                continue
            if isinstance(fact, Traded):
                fill = fact.buy if side.is_buy else fact.sell
                yield reports.traded(ticket, fact, leaves=fill.leaves, side=side)
                self._file(ticket)
            else:
                report = reports.undone(ticket, fact, side=side)
                if report is not None:
                    yield report

    def _changed(
        self,
        ticket: Ticket,
        fact: Cancelled | Expired | Replaced | Reduced | Triggered | Priced | Repriced | StopMoved,
        *,
        request: AnyCommand | None,
    ) -> Report:
        match fact:
            case Cancelled():
                self._answered(request)
                report = reports.cancelled(ticket, fact, request=request)
            case Expired():
                report = reports.expired(ticket, fact)
            case Replaced():
                self._answered(request)
                report = reports.replaced(ticket, fact, request=request)
                self._ids[fact.cl_ord_id] = ticket
            case Reduced():
                report = reports.reduced(ticket, fact)
            case _:
                report = reports.turned(ticket, fact)
        self._file(ticket)
        return report

    def _refused(self, fact: Rejected, request: AnyCommand | None) -> list[Report]:
        self._answered(request)
        match request:
            case NewOrder():
                standing, list_id = self._ids.get(request.cl_ord_id), self.list_of(request.cl_ord_id)
                return [reports.refused_order(fact, request, standing=standing, list_id=list_id)]
            case CancelOrder() | ReplaceOrder() if request.cl_ord_id is not None:
                return [reports.refused_request(fact, request, ticket=self._ids.get(request.orig_cl_ord_id))]
            case MassCancel():
                return [reports.refused_mass_cancel(fact, request)]
            case _:
                return []

    def _answered(self, request: AnyCommand | None) -> None:
        cl_ord_id = getattr(request, "cl_ord_id", None)
        if cl_ord_id and self.on_way.get(cl_ord_id) == request:
            del self.on_way[cl_ord_id]

    def _file(self, ticket: Ticket) -> None:
        """Count an order that has ended; forget the one that ended first."""
        if ticket.is_open or ticket.order_id in self._ended:
            return
        self._ended[ticket.order_id] = None
        if len(self._ended) > ENDED_KEPT:
            order_id = self._ended.popitem(last=False)[0]
            forgotten = self._orders.pop(order_id)
            self.owners.pop(order_id, None)
            for cl_ord_id in forgotten.cl_ord_ids:
                if self._ids.get(cl_ord_id) is forgotten:
                    del self._ids[cl_ord_id]
