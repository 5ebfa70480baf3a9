"""What holds in the phases of a day whatever the exchange is asked."""

from collections.abc import Iterator

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.messages.codec import Fact
from stockex.messages.control import PhaseChanged, Stopped, Uncrossed
from stockex.messages.executions import Accepted, Rejected, Traded
from stockex.messages.market_data import Indicative
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Price


class Told:
    """What the facts alone tell of one instrument: its phase, and the price of an auction that is being held."""

    def __init__(self) -> None:
        self.phase = Phase.CONTINUOUS
        self.auction: Price | None = None

    def hear(self, fact: Fact) -> None:
        """Take one fact in."""
        match fact:
            case PhaseChanged():
                self.phase, self.auction = fact.phase, None
            case Uncrossed():
                self.auction = fact.price
            case _:
                pass


def told(wanted: list[AnyCommand]) -> Iterator[tuple[Fact, Told]]:
    """Yield each fact about an instrument with what was told of the instrument before it."""
    tales: dict[str, Told] = {}
    for step in live(wanted):
        for fact in step.facts:
            symbol = getattr(fact, "symbol", None)
            if symbol is not None:
                tale = tales.setdefault(symbol, Told())
                yield fact, tale
                tale.hear(fact)


@given(commands)
@thorough
def test_where_orders_gather_nothing_trades_but_in_the_auction(wanted: list[AnyCommand]) -> None:
    """A trade follows an auction's fact, at its price, or is in continuous trading or at last."""
    for fact, tale in told(wanted):
        if isinstance(fact, Traded) and tale.phase not in {Phase.CONTINUOUS, Phase.TRADING_AT_LAST}:
            assert tale.phase.gathers
            assert fact.price == tale.auction


@given(commands)
@thorough
def test_no_order_is_accepted_where_none_may_be_entered(wanted: list[AnyCommand]) -> None:
    """A halted or closed instrument takes none, and only calls show an indication."""
    for fact, tale in told(wanted):
        if isinstance(fact, Accepted):
            assert tale.phase not in {Phase.HALTED, Phase.CLOSED}
        assert not isinstance(fact, Indicative) or tale.phase.is_call


@given(commands)
@thorough
def test_at_last_every_trade_is_at_the_closing_price(wanted: list[AnyCommand]) -> None:
    """The session's end tells the same price."""
    at_last: dict[str, Price] = {}
    tales: dict[str, Told] = {}
    for step in live(wanted):
        for fact in step.facts:
            if isinstance(fact, Stopped):
                closes = {symbol: fact.closes[symbol] for symbol in at_last if tales[symbol].phase is not Phase.HALTED}
                assert closes.items() <= at_last.items()
                at_last.clear()
            symbol = getattr(fact, "symbol", None)
            if symbol is None or isinstance(fact, Rejected):
                continue
            tale = tales.setdefault(symbol, Told())
            if isinstance(fact, Traded) and tale.phase is Phase.TRADING_AT_LAST:
                assert at_last.setdefault(symbol, fact.price) == fact.price
            tale.hear(fact)
            if tale.phase not in {Phase.TRADING_AT_LAST, Phase.HALTED}:
                at_last.pop(symbol, None)
