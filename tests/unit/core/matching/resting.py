"""Orders and books for the tests of matching."""

from stockex.core.matching.order import Order
from stockex.core.matching.plain import PlainBook
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Price


def order(order_id: int, side: Side, *, qty: int, at: int | None = None, account: str = "A") -> Order:
    """Return an order of `qty` with the limit `at` (1/10 000 euro); without one, at market."""
    return Order(
        order_id=order_id,
        account=account,
        cl_ord_id=f"o{order_id}",
        symbol="ALPHA",
        side=side,
        leaves=qty,
        cum=0,
        limit=None if at is None else Price(at),
        ord_type=OrdType.MARKET if at is None else OrdType.LIMIT,
        tif=TimeInForce.DAY,
        post_only=False,
        self_trade=SelfTrade.CANCEL_NEWEST,
    )


def book_of(*orders: Order) -> PlainBook:
    """Return a book in which these orders rest, with nothing to tell yet."""
    book = PlainBook()
    for one in orders:
        book.add(one)
    book.take_changes()
    return book
