"""An open order, as the book keeps it."""

from dataclasses import dataclass

from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Price, Shares


@dataclass(slots=True, eq=False)
class Order:
    """One order from acceptance to its end. Total quantity is `leaves + cum`."""

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    leaves: int
    cum: int
    limit: Price | None
    ord_type: OrdType
    tif: TimeInForce
    post_only: bool
    self_trade: SelfTrade

    @classmethod
    def of(cls, command: NewOrder, order_id: int) -> "Order":
        """Return the order that an accepted command places."""
        return cls(
            order_id=order_id,
            account=command.account,
            cl_ord_id=command.cl_ord_id,
            symbol=command.symbol,
            side=command.side,
            leaves=command.qty,
            cum=0,
            limit=command.limit,
            ord_type=command.ord_type,
            tif=command.tif,
            post_only=command.post_only,
            self_trade=command.self_trade,
        )

    @property
    def qty(self) -> Shares:
        """The order's total quantity, what was filled included."""
        return Shares(self.leaves + self.cum)

    @property
    def price(self) -> Price:
        """The limit of an order that rests: there is always one."""
        assert self.limit is not None, f"order {self.order_id} rests without a limit"
        return self.limit
