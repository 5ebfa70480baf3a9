"""What holds for the facts that the exchange writes whatever it is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from hypothesis import given
from properties.exchange_commands import at_of, commands, live, thorough

from stockex.messages import executions as ex
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact, decode, decode_command, encode, topic_of
from stockex.messages.control import AnySignal
from stockex.messages.market_data import BookChanged, Level, Trade
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import CancelReason, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Price

REMAINDERS = {CancelReason.IOC_REMAINDER, CancelReason.MARKET_REMAINDER}


def facts_of(wanted: list[AnyCommand]) -> Iterator[Fact]:
    """Yield every fact of the commands."""
    for step in live(wanted):
        yield from step.facts


def is_within(limit: Price | None, price: Price, *, side: Side) -> bool:
    """Say whether an order may trade at the price; said again here, so that the engine's own word is not trusted."""
    return limit is None or limit == price or (price < limit) == (side is Side.BUY)


class Tally:
    """Every order's quantities, counted from facts alone."""

    def __init__(self) -> None:
        self.qty: dict[int, int] = {}
        self.cum = Counter[int]()
        self.gone = Counter[int]()

    def open(self, order_id: int) -> int:
        """Return what must be open of the order."""
        return self.qty[order_id] - self.cum[order_id] - self.gone[order_id]

    def add(self, fact: Fact) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Count the fact; yield the (leaves, cum) that it claims for each order, and those that the count gives."""
        match fact:
            case ex.Accepted():
                self.qty[fact.order_id] = fact.qty
            case ex.Replaced():
                self.qty[fact.order_id] = fact.qty + self.gone[fact.order_id]
                yield (fact.leaves, fact.cum), self._figures(fact.order_id)
            case ex.Traded():
                for fill in (fact.buy, fact.sell):
                    self.cum[fill.order_id] += fact.qty
                if fact.buy.order_id != fact.sell.order_id:
                    yield from (((f.leaves, f.cum), self._figures(f.order_id)) for f in (fact.buy, fact.sell))
            case ex.Cancelled() | ex.Expired():
                self.gone[fact.order_id] += fact.qty
                yield (0, fact.cum), self._figures(fact.order_id)
            case ex.Reduced():
                self.gone[fact.order_id] += fact.qty
                yield (fact.leaves, fact.cum), self._figures(fact.order_id)
            case ex.Rested():
                yield (fact.leaves, self.cum[fact.order_id]), self._figures(fact.order_id)
            case _:
                pass

    def _figures(self, order_id: int) -> tuple[int, int]:
        return self.open(order_id), self.cum[order_id]


@given(commands)
@thorough
def test_quantity_is_conserved(wanted: list[AnyCommand]) -> None:
    """Of every order, what traded, what is open and what was taken off make up its quantity, as each fact says."""
    tally = Tally()
    for step in live(wanted):
        for fact in step.facts:
            for claimed, counted in tally.add(fact):
                assert claimed == counted, fact
        resting = {order.order_id: order.leaves for order in step.exchange.desk.open_orders()}
        assert {order_id: tally.open(order_id) for order_id in tally.qty if tally.open(order_id)} == resting


@given(commands)
@thorough
def test_no_trade_is_outside_a_limit(wanted: list[AnyCommand]) -> None:
    """A trade's price is the resting order's limit, and one that the incoming order accepts."""
    limits: dict[int, Price | None] = {}
    for fact in facts_of(wanted):
        if isinstance(fact, ex.Accepted | ex.Replaced):
            limits[fact.order_id] = fact.limit
        if isinstance(fact, ex.Traded):
            bought = fact.aggressor is Side.BUY
            incoming, resting = (fact.buy, fact.sell) if bought else (fact.sell, fact.buy)
            assert limits[resting.order_id] == fact.price
            assert is_within(limits[incoming.order_id], fact.price, side=fact.aggressor)


@given(commands)
@thorough
def test_only_less_quantity_keeps_the_place(wanted: list[AnyCommand]) -> None:
    """A replaced order keeps its place if its limit is the same and it leaves no more than before, and only then."""
    limits: dict[int, Price | None] = {}
    tally = Tally()
    for fact in facts_of(wanted):
        if isinstance(fact, ex.Replaced):
            before = limits[fact.order_id], tally.open(fact.order_id)
            assert fact.kept_place == (fact.limit == before[0] and fact.leaves <= before[1])
        if isinstance(fact, ex.Accepted | ex.Replaced):
            limits[fact.order_id] = fact.limit
        list(tally.add(fact))


@given(commands)
@thorough
def test_a_fok_is_all_or_nothing(wanted: list[AnyCommand]) -> None:
    """A fill-or-kill order trades its whole quantity or none of it."""
    foks: dict[int, int] = {}
    filled = Counter[int]()
    for fact in facts_of(wanted):
        if isinstance(fact, ex.Accepted) and fact.tif is TimeInForce.FOK:
            foks[fact.order_id] = fact.qty
        if isinstance(fact, ex.Traded):
            filled.update({fact.buy.order_id: fact.qty})
            filled.update({fact.sell.order_id: fact.qty})
    assert all(filled[order_id] in {0, qty} for order_id, qty in foks.items())


@given(commands)
@thorough
def test_what_was_cancelled_could_not_trade(wanted: list[AnyCommand]) -> None:
    """After the rest of an IOC or a market order is cancelled, the book has nothing that it could have traded with."""
    limits: dict[int, Price | None] = {}
    for step in live(wanted):
        for fact in step.facts:
            if isinstance(fact, ex.Accepted):
                limits[fact.order_id] = fact.limit
            if isinstance(fact, ex.Cancelled) and fact.reason in REMAINDERS:
                best = step.exchange.desk.listings[fact.symbol].book.first(fact.side.opposite)
                assert best is None or not is_within(limits[fact.order_id], best.price, side=fact.side)


@given(commands)
@thorough
def test_the_best_and_oldest_order_trades_first(wanted: list[AnyCommand]) -> None:
    """Each trade is with the order that leads the queue: of the orders that rest, the best priced, then the oldest."""
    rested: dict[int, tuple[int, int, str, Side]] = {}
    for place, fact in enumerate(facts_of(wanted)):
        if isinstance(fact, ex.Rested):
            rested[fact.order_id] = (-fact.side.sign * fact.limit, place, fact.symbol, fact.side)
        if isinstance(fact, ex.Traded):
            maker, side = (fact.sell, Side.SELL) if fact.aggressor is Side.BUY else (fact.buy, Side.BUY)
            queue = [(*key[:2], order_id) for order_id, key in rested.items() if key[2:] == (fact.symbol, side)]
            assert min(queue)[2] == maker.order_id
        for ended in ended_by(fact):
            rested.pop(ended, None)


def ended_by(fact: Fact) -> list[int]:
    """Return the orders that are not in their old place in the book after the fact."""
    match fact:
        case ex.Traded():
            return [fill.order_id for fill in (fact.buy, fact.sell) if fill.leaves == 0]
        case ex.Cancelled() | ex.Expired():
            return [fact.order_id]
        case ex.Replaced(kept_place=False):
            return [fact.order_id]
        case _:
            return []


@given(commands)
@thorough
def test_self_trades_only_where_allowed(wanted: list[AnyCommand]) -> None:
    """Two orders of one account trade only when the incoming one says so."""
    modes: dict[int, SelfTrade] = {}
    for fact in facts_of(wanted):
        if isinstance(fact, ex.Accepted):
            modes[fact.order_id] = fact.self_trade
        if isinstance(fact, ex.Traded) and fact.buy.account == fact.sell.account:
            incoming = fact.buy if fact.aggressor is Side.BUY else fact.sell
            assert modes[incoming.order_id] is SelfTrade.ALLOW


@given(commands)
@thorough
def test_book_facts_add_up_to_the_book(wanted: list[AnyCommand]) -> None:
    """Who applies every `book` record has the totals of each price level, after every command."""
    told: defaultdict[tuple[str, Side], dict[Price, Level]] = defaultdict(dict)
    for step in live(wanted):
        for fact in step.facts:
            if isinstance(fact, BookChanged):
                for side, levels in ((Side.BUY, fact.bids), (Side.SELL, fact.asks)):
                    told[fact.symbol, side] |= {level.price: level for level in levels}
        for symbol, listing in step.exchange.desk.listings.items():
            for side in Side:
                totals = Counter[Price]()
                for order in listing.book.queue(side):
                    totals[order.price] += order.leaves
                assert {p: level.qty for p, level in told[symbol, side].items() if level.orders} == totals


@given(commands)
@thorough
def test_every_command_has_numbered_facts(wanted: list[AnyCommand]) -> None:
    """Each command has at least one fact; its facts carry its offset and time and count from 0."""
    for offset, step in enumerate(live(wanted)):
        causes = [(fact.offset, fact.index, fact.at) for fact in step.facts]
        assert step.facts
        assert causes == [(offset, index, at_of(offset)) for index in range(len(step.facts))]


@given(commands)
@thorough
def test_every_trade_stands_on_the_tape_once(wanted: list[AnyCommand]) -> None:
    """After each trade comes its public record, with the same figures; trade ids differ."""
    facts = list(facts_of(wanted))
    trades = [fact for fact in facts if isinstance(fact, ex.Traded)]
    tape = [fact for fact in facts if isinstance(fact, Trade)]
    assert [(t.trade_id, t.symbol, t.price, t.qty) for t in trades] == [
        (t.trade_id, t.symbol, t.price, t.qty) for t in tape
    ]
    assert len({t.trade_id for t in tape}) == len(tape)


@given(commands)
@thorough
def test_json_loses_nothing(wanted: list[AnyCommand]) -> None:
    """Every command and every fact comes back from the wire as it was."""
    for step in live(wanted):
        assert decode_command(encode(step.command)) == step.command
        for fact in step.facts:
            assert decode(topic_of(fact), encode(fact)) == fact


def test_the_random_commands_reach_every_fact() -> None:
    """The properties are about all that the engine can write: nothing is left out by chance."""
    seen = Counter[type]()

    @given(commands)
    @thorough
    def look(wanted: list[AnyCommand]) -> None:
        seen.update(type(fact) for fact in facts_of(wanted))

    look()
    wanted = {*ex.AnyExecution.__args__, *AnySignal.__args__, Deposited, Trade, BookChanged} - {ex.Quarantined}
    assert {kind.__name__ for kind in wanted if seen[kind] < 20} == set()


def test_the_random_orders_take_every_way_out() -> None:
    """Every reason to cancel comes up among the random commands."""
    seen = Counter[CancelReason]()

    @given(commands)
    @thorough
    def look(wanted: list[AnyCommand]) -> None:
        seen.update(fact.reason for fact in facts_of(wanted) if isinstance(fact, ex.Cancelled))

    look()
    assert {reason for reason in CancelReason if seen[reason] < 10} == set()
