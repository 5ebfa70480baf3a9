"""The desk, of which some instruments' orders stand in another book."""

from collections.abc import Iterable

from stockex.core.desk import Desk
from stockex.core.matching.order import Order
from stockex.core.matching.plain import PlainBook
from stockex.core.matching.validation import new_order_refusal
from stockex.core.risk.accounts import Hold
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import Side
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
            unit = order.price if order.side is Side.BUY else 1
            self.accounts.holds[order.order_id] = Hold(order.side, symbol, unit, order.leaves)
            self.restore(order)
        listing.book.places = places
        listing.book.take_changes()
