"""Writes down what happened: the facts that one command causes, numbered."""

from collections.abc import Callable

from stockex.core.matching.order import Order
from stockex.messages.codec import Fact
from stockex.messages.executions import Fill, Traded
from stockex.messages.market_data import Trade
from stockex.vocabulary.units import Nanos, Price, Shares


class Scribe:
    """Collects the facts of one command. `offset` and `at` are the command's; facts are numbered from 0.

    Args:
        note: Called with each fact as it is written, so that reservations are in step with the book.
        trades_from: What the number of a fact grows by in the id of its trade; above 0 in a shard.
    """

    __slots__ = ("_note", "_trades_from", "at", "facts", "offset")

    def __init__(self, offset: int, at: Nanos, *, note: Callable[[Fact], None], trades_from: int = 0) -> None:
        self.offset = offset
        self.at = at
        self.facts: list[Fact] = []
        self._note = note
        self._trades_from = trades_from

    def write(self, kind: Callable[..., Fact], **fields: object) -> None:
        """Add the fact `kind` with `fields`, its cause, number and time filled in."""
        self._add(kind(offset=self.offset, index=len(self.facts), at=self.at, **fields))

    def _add(self, fact: Fact) -> None:
        self.facts.append(fact)
        self._note(fact)

    def write_of(self, order: Order, kind: Callable[..., Fact], **fields: object) -> None:
        """Add the fact `kind` about `order`."""
        fact = kind(
            offset=self.offset,
            index=len(self.facts),
            at=self.at,
            order_id=order.order_id,
            account=order.account,
            cl_ord_id=order.cl_ord_id,
            symbol=order.symbol,
            side=order.side,
            **fields,
        )
        self._add(fact)

    def traded(self, incoming: Order, resting: Order, *, qty: int, price: Price) -> None:
        """Add a trade for the owners and for the tape.

        Both orders must show their figures after the trade already.
        """
        buy, sell = (incoming, resting) if incoming.side.is_buy else (resting, incoming)
        trade_id = f"{self.offset}-{self._trades_from + len(self.facts)}"
        traded = Traded(
            offset=self.offset,
            index=len(self.facts),
            at=self.at,
            trade_id=trade_id,
            symbol=resting.symbol,
            price=price,
            qty=Shares(qty),
            aggressor=incoming.side,
            buy=_fill(buy),
            sell=_fill(sell),
        )
        self._add(traded)
        trade = Trade(
            offset=self.offset,
            index=len(self.facts),
            at=self.at,
            trade_id=trade_id,
            symbol=resting.symbol,
            price=price,
            qty=Shares(qty),
            aggressor=incoming.side,
            buy_id=buy.cl_ord_id,
            sell_id=sell.cl_ord_id,
            buy_member=buy.account,
            sell_member=sell.account,
        )
        self._add(trade)


def _fill(order: Order) -> Fill:
    return Fill(
        order_id=order.order_id,
        account=order.account,
        cl_ord_id=order.cl_ord_id,
        leaves=Shares(order.leaves),
        cum=Shares(order.cum),
    )
