"""The desk, of which some instruments' orders stand in another book."""

from collections.abc import Iterable

from stockex.core.desk import Desk
from stockex.core.fast.orders import hold_of
from stockex.core.matching.order import Order
from stockex.core.matching.plain import PlainBook
from stockex.core.matching.validation import new_order_refusal
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.units import Nanos


class LendingDesk(Desk):
    """A desk that gives an instrument's orders away and takes them back. What they hold stays held."""

    def refuses_at_sight(self, command: NewOrder | ReplaceOrder, *, now: Nanos) -> bool:
        """Say whether a command is refused before anybody looks at an order."""
        if self._entry_refusal(command) is not None:
            return True
        listing = self.listings[command.symbol]
        return isinstance(command, NewOrder) and (
            new_order_refusal(command, listing.instrument, grid=listing.grid, phase=listing.phase, now=now) is not None
        )

    def go_on_from(self, desk: Desk) -> None:
        """Have all that another desk has, whose exchange is not used any more, but for accounts, ids and trades."""
        own = {"accounts", "used_ids", "trades"}
        vars(self).update({name: value for name, value in vars(desk).items() if name not in own})

    def lend(self, symbol: str) -> None:
        """Forget an instrument's orders, all of which rest: they stand elsewhere now."""
        listing = self.listings[symbol]
        for order in listing.orders():
            del self._open[order.account][order.cl_ord_id]
            del self.accounts.holds[order.order_id]
        places = listing.book.places
        listing.book = PlainBook()
        listing.book.places = places

    def take_back(self, symbol: str, orders: Iterable[Order], *, places: int) -> None:
        """Let an instrument's orders stand here again, the older first at each price."""
        listing = self.listings[symbol]
        for order in orders:
            self.accounts.holds[order.order_id] = hold_of(order)
            self.restore(order)
        listing.book.places = places
        listing.book.take_changes()
