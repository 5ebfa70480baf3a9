"""The newest trades, so that one can be undone or put right."""

from collections import OrderedDict
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from stockex.messages.codec import Fact
from stockex.messages.executions import Fill, Party, TradeBusted, TradeCorrected, Traded
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import TRADES_REMEMBERED, Nanos, Price, Shares


class Done(Struct, frozen=True, array_like=True):
    """One trade as it stands now: its terms may have been corrected."""

    trade_id: str
    symbol: str
    price: Price
    qty: Shares
    aggressor: Side
    at: Nanos
    buy: Party
    sell: Party
    is_busted: bool = False

    @classmethod
    def of(cls, fact: Traded) -> "Done":
        """Return what is remembered of a trade."""
        buy, sell = _party(fact.buy), _party(fact.sell)
        return cls(fact.trade_id, fact.symbol, fact.price, fact.qty, fact.aggressor, fact.at, buy, sell)


class Trades:
    """The newest trades by their id, kept by applying facts.

    Source: docs/rules/control.md, CTL-07.
    """

    def __init__(self, done: Iterable[Done] = ()) -> None:
        self._done = OrderedDict((each.trade_id, each) for each in done)

    def find(self, trade_id: str) -> Done | None:
        """Return the trade as it stands now; None when it never was, or is not remembered any more."""
        return self._done.get(trade_id)

    def apply(self, fact: Fact) -> None:
        """Take note of one fact. Cost: O(1)."""
        match fact:
            case Traded():
                self._done[fact.trade_id] = Done.of(fact)
                if len(self._done) > TRADES_REMEMBERED:
                    self._done.popitem(last=False)
            case TradeBusted():
                self._done[fact.trade_id] = replace(self._done[fact.trade_id], is_busted=True)
            case TradeCorrected():
                self._done[fact.trade_id] = replace(self._done[fact.trade_id], price=fact.price, qty=fact.qty)
            case _:
                pass

    def as_list(self) -> list[Done]:
        """Return the trades, oldest first."""
        return list(self._done.values())


def _party(fill: Fill) -> Party:
    return Party(order_id=fill.order_id, account=fill.account, cl_ord_id=fill.cl_ord_id)
