"""What holds for the limits of a market whatever the exchange is asked."""

from collections.abc import Iterator

from hypothesis import given
from properties.exchange_commands import Step, commands, live, thorough

from stockex.messages import control
from stockex.messages.codec import Fact
from stockex.messages.executions import Accepted, Traded
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Price


@given(commands)
@thorough
def test_no_order_comes_in_beyond_the_limits(wanted: list[AnyCommand]) -> None:
    """Quantity, value at the limit and distance from the reference are what the instrument's settings allow."""
    for step in live(wanted):
        for fact in step.facts:
            if not isinstance(fact, Accepted):
                continue
            listing = step.exchange.desk.listings[fact.symbol]
            rules, reference = listing.rules, listing.reference
            assert rules.max_order_qty is None or fact.qty <= rules.max_order_qty
            if fact.limit is not None:
                assert rules.max_order_value is None or fact.qty * fact.limit <= rules.max_order_value
                if rules.price_band_bp is not None and reference is not None:
                    assert abs(fact.limit - reference) * 10_000 <= rules.price_band_bp * reference


class Known:
    """What facts say of one instrument. `lasts`: the last price before the command, and those of it."""

    def __init__(self, listed: control.Listed) -> None:
        self.rules: MarketRules = listed.rules
        self.phase = Phase.CONTINUOUS
        self.reference: Price | None = listed.reference
        self.auction: Price | None = None
        self.lasts: list[Price | None] = [None]

    def is_within(self, price: Price, *, last: Price | None) -> bool:
        """Say whether a trade at the price is within both ranges, the dynamic one around `last`."""
        dynamic, static = last or self.reference, self.auction or self.reference
        return is_near(price, dynamic, self.rules.dynamic_range_bp) and is_near(
            price, static, self.rules.static_range_bp
        )


def is_near(price: Price, centre: Price | None, bp: int | None) -> bool:
    """Say whether a price is at most so far away; said again here, from the rule."""
    return centre is None or bp is None or abs(price - centre) * 10_000 <= bp * centre


class Watch:
    """All instruments, followed from facts alone."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}

    def steps(self, wanted: list[AnyCommand]) -> Iterator[tuple[Step, Fact]]:
        """Yield each fact before it is followed; references after a day are those that the exchange has."""
        for step in live(wanted):
            for known in self.known.values():
                known.lasts = known.lasts[-1:]
            for fact in step.facts:
                yield step, fact
                self._follow(fact)
                if isinstance(fact, control.Stopped):
                    for symbol, known in self.known.items():
                        known.reference, known.auction = step.exchange.desk.listings[symbol].reference, None
                        known.lasts = [None]

    def _follow(self, fact: Fact) -> None:
        match fact:
            case control.Listed():
                self.known[fact.symbol] = Known(fact)
            case control.RulesChanged():
                self.known[fact.symbol].rules = fact.rules
            case control.PhaseChanged():
                self.known[fact.symbol].phase = fact.phase
            case control.Uncrossed() if fact.price is not None:
                self.known[fact.symbol].auction = fact.price
            case control.ReferenceChanged():
                self.known[fact.symbol].reference, self.known[fact.symbol].auction = fact.price, None
            case Accepted():  # What was due before the command is not its doing.
                self.known[fact.symbol].lasts = self.known[fact.symbol].lasts[-1:]
            case Traded() | control.LastChanged():
                self.known[fact.symbol].lasts.append(fact.price)
            case _:
                pass


@given(commands)
@thorough
def test_no_continuous_trade_is_outside_the_ranges(wanted: list[AnyCommand]) -> None:
    """Each is within the static range, and within the dynamic one around a last price of before or of the command."""
    watch = Watch()
    for step, fact in watch.steps(wanted):
        if isinstance(fact, Traded) and watch.known[fact.symbol].phase is Phase.CONTINUOUS:
            known = watch.known[fact.symbol]
            incoming = fact.buy if fact.aggressor.value == "BUY" else fact.sell
            lasts = known.lasts[:1] if incoming.order_id == step.facts[0].offset else known.lasts
            assert any(known.is_within(fact.price, last=last) for last in lasts), fact


@given(commands)
@thorough
def test_an_interruption_has_a_cause_and_a_call(wanted: list[AnyCommand]) -> None:
    """The price that would have been is outside the range that the fact tells, and a volatility call comes next."""
    watch = Watch()
    for step, fact in watch.steps(wanted):
        if isinstance(fact, control.Interrupted):
            known, follows = watch.known[fact.symbol], step.facts[fact.index + 1]
            assert known.phase is Phase.CONTINUOUS
            assert not fact.low <= fact.price <= fact.high
            assert not known.is_within(fact.price, last=fact.reference)
            assert isinstance(follows, control.PhaseChanged)
            assert (follows.symbol, follows.phase) == (fact.symbol, Phase.VOLATILITY_CALL)


@given(commands)
@thorough
def test_a_volatility_call_ends_in_time_and_inside_the_wider_range(wanted: list[AnyCommand]) -> None:
    """Not before its earliest end unless by a record, and never by itself at a price that is too far away."""
    causes: dict[str, control.Interrupted] = {}
    ends: dict[str, control.PhaseChanged | control.CallExtended] = {}
    watch = Watch()
    for step, fact in watch.steps(wanted):
        match fact:
            case control.Interrupted():
                causes[fact.symbol] = fact
            case control.PhaseChanged(phase=Phase.VOLATILITY_CALL) | control.CallExtended():
                ends[fact.symbol] = fact
            case control.Uncrossed() if watch.known[fact.symbol].phase is Phase.VOLATILITY_CALL:
                is_by_itself = step.command.__struct_config__.tag != "phase"
                told, bp = ends[fact.symbol].ends_at, watch.known[fact.symbol].rules.extended_range_bp
                assert not is_by_itself or (told is not None and told <= fact.at)
                if is_by_itself and fact.price is not None:
                    assert is_near(fact.price, causes[fact.symbol].reference, bp)
            case _:
                pass
