"""What holds for the facts that the exchange writes whatever it is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import inf

from hypothesis import given
from properties.exchange_commands import Step, at_of, commands, live, script, thorough

from stockex.messages import executions as ex
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact, decode, decode_command, encode, topic_of
from stockex.messages.control import AnySignal, PhaseChanged, Uncrossed
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Level, Trade
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import CancelReason, OrdType, Phase, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Price

USUAL = {"ALPHA", "BETA"}
"""The instruments with default settings."""

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


class Prices:
    """What each order may trade at, and where it stands, followed from facts alone."""

    def __init__(self) -> None:
        self.bound: dict[int, Price | None] = {}
        self.stands: dict[int, Price | None] = {}

    def add(self, fact: Fact) -> None:
        """Take note of one fact."""
        match fact:
            case ex.Accepted():
                self.bound[fact.order_id] = fact.cap if fact.limit is None else fact.limit
            case ex.Replaced():
                self.bound[fact.order_id] = self.bound[fact.order_id] if fact.limit is None else fact.limit
            case ex.Priced():
                self.bound[fact.order_id] = fact.limit
            case ex.Rested() | ex.Repriced():
                self.stands[fact.order_id] = fact.limit
            case _:
                pass


def is_at_last(fact: ex.Traded | ex.Cancelled, step: Step) -> bool:
    """Say whether everything in the instrument trades at the closing price, by time alone (AUC-10)."""
    return step.exchange.desk.listings[fact.symbol].phase is Phase.TRADING_AT_LAST


@given(commands)
@thorough
def test_no_trade_is_outside_a_limit(wanted: list[AnyCommand]) -> None:
    """A trade's price is one that both orders accept, and the resting order's, unless it has none or in an auction."""
    prices = Prices()
    for step in live(wanted):
        is_auction = any(isinstance(fact, Uncrossed) for fact in step.facts)
        for fact in step.facts:
            prices.add(fact)
            if isinstance(fact, ex.Traded):
                assert is_within(prices.bound[fact.buy.order_id], fact.price, side=Side.BUY)
                assert is_within(prices.bound[fact.sell.order_id], fact.price, side=Side.SELL)
                resting = fact.sell if fact.aggressor is Side.BUY else fact.buy
                is_elsewhere = is_auction or is_at_last(fact, step)
                assert is_elsewhere or prices.stands[resting.order_id] in {None, fact.price}


@given(commands)
@thorough
def test_only_less_quantity_keeps_the_place(wanted: list[AnyCommand]) -> None:
    """By default a replaced order keeps its place if its prices are the same and it leaves no more, and only then."""
    terms: dict[int, tuple[Price | None, Price | None]] = {}
    offsets: dict[int, Price | None] = {}
    tally = Tally()
    for fact in facts_of(wanted):
        if isinstance(fact, ex.Replaced) and fact.symbol in USUAL:
            is_less = fact.leaves <= tally.open(fact.order_id)
            is_same = (fact.limit, fact.stop) == terms[fact.order_id] and fact.peg_offset == offsets[fact.order_id]
            assert fact.kept_place == (is_same and is_less and fact.trail is None and fact.min_qty is None)
        if isinstance(fact, ex.Accepted | ex.Replaced):
            terms[fact.order_id], offsets[fact.order_id] = (fact.limit, fact.stop), fact.peg_offset
        if isinstance(fact, ex.Triggered):
            terms[fact.order_id] = terms[fact.order_id][0], None
        if isinstance(fact, ex.StopMoved):
            terms[fact.order_id] = terms[fact.order_id][0], fact.stop
        if isinstance(fact, ex.Priced):
            terms[fact.order_id] = fact.limit, None
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
    orders: dict[int, ex.Accepted] = {}
    for step in live(wanted):
        orders |= {fact.order_id: fact for fact in step.facts if isinstance(fact, ex.Accepted)}
        others_came = any(isinstance(fact, ex.Triggered | ex.Repriced | Uncrossed) for fact in step.facts)
        for fact in step.facts:
            if (
                not isinstance(fact, ex.Cancelled)
                or fact.reason not in REMAINDERS
                or others_came
                or is_at_last(fact, step)
            ):
                continue
            order = orders[fact.order_id]
            if fact.symbol in USUAL and order.ord_type is not OrdType.MARKET_TO_LIMIT:
                queue = step.exchange.desk.listings[fact.symbol].book.queue(fact.side.opposite)
                free = [one.limit for one in queue if one.min_exec is None and one.limit is not None]
                assert not any(is_within(order.limit, price, side=fact.side) for price in free)


@given(commands)
@thorough
def test_the_best_and_oldest_order_trades_first(wanted: list[AnyCommand]) -> None:
    """By default an incoming order trades with the one that leads: best price, shown before hidden, then oldest."""
    lines = Lines()
    for step in live(wanted):
        is_auction = any(isinstance(fact, Uncrossed) for fact in step.facts)
        for fact in step.facts:
            lines.add(fact)
            if isinstance(fact, ex.Traded) and fact.symbol in USUAL and not (is_auction or is_at_last(fact, step)):
                bought = fact.aggressor is Side.BUY
                maker, taker = (fact.sell, fact.buy) if bought else (fact.buy, fact.sell)
                leader = lines.leader(fact.symbol, fact.aggressor.opposite)
                assert taker.order_id in lines.places or maker.order_id in {leader, *lines.with_minimum}
            for ended in ended_by(fact):
                lines.places.pop(ended, None)


class Lines:
    """Who stands where, followed from facts alone. Orders with a minimum, which may be passed over, do not lead."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[float, bool, int, str, Side]] = {}
        self.with_minimum: set[int] = set()
        self._hidden: set[int] = set()
        self._now = 0

    def add(self, fact: Fact) -> None:
        """Take note of one fact."""
        self._now += 1
        match fact:
            case ex.Accepted():
                self._hidden |= {fact.order_id} if fact.hidden else set()
                self.with_minimum |= {fact.order_id} if fact.min_exec is not None else set()
            case ex.Rested() | ex.Repriced():
                worse = -inf if fact.limit is None else -fact.side.sign * fact.limit
                is_hidden = fact.order_id in self._hidden
                self.places[fact.order_id] = (worse, is_hidden, self._now, fact.symbol, fact.side)
                if fact.limit is None and isinstance(fact, ex.Repriced):
                    del self.places[fact.order_id]
            case ex.Refreshed():
                self.places[fact.order_id] = (*self.places[fact.order_id][:2], self._now, fact.symbol, fact.side)
            case _:
                pass

    def leader(self, symbol: str, side: Side) -> int | None:
        """Return the order without a minimum that must trade next."""
        queue = [(place, one) for one, place in self.places.items() if place[3:] == (symbol, side)]
        return min(((place, one) for place, one in queue if one not in self.with_minimum), default=(None, None))[1]


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
    """Two orders of one account trade only when the incoming one says so, or in an auction."""
    modes: dict[int, SelfTrade] = {}
    for step in live(wanted):
        is_auction = any(isinstance(fact, Uncrossed | PhaseChanged) for fact in step.facts)
        for fact in step.facts:
            if isinstance(fact, ex.Accepted):
                modes[fact.order_id] = fact.self_trade
            if isinstance(fact, ex.Traded) and fact.buy.account == fact.sell.account:
                incoming = fact.buy if fact.aggressor is Side.BUY else fact.sell
                assert is_auction or modes[incoming.order_id] is SelfTrade.ALLOW


@given(commands)
@thorough
def test_book_facts_add_up_to_the_book(wanted: list[AnyCommand]) -> None:
    """Who applies every `book` record has what each price level shows, after every command."""
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
                    if order.limit is not None and not order.hidden:
                        totals[order.limit] += order.visible
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


def scripted_facts() -> Iterator[Fact]:
    """Yield the facts of a hundred long scripts: the same ones, whatever else Hypothesis has drawn."""
    for seed in range(100):
        yield from facts_of(script(seed, 200))


def test_the_random_commands_reach_every_fact() -> None:
    """The properties are about all that the engine can write: nothing is left out by chance."""
    seen = Counter(type(fact) for fact in scripted_facts())
    wanted = {
        *ex.AnyExecution.__args__,
        *AnySignal.__args__,
        Deposited,
        Trade,
        Bust,
        Correction,
        BookChanged,
        Indicative,
    } - {ex.Quarantined}
    assert {kind.__name__ for kind in wanted if seen[kind] < 10} == set()


def test_the_random_orders_take_every_way_out() -> None:
    """Every reason to cancel comes up among the random commands."""
    seen = Counter(fact.reason for fact in scripted_facts() if isinstance(fact, ex.Cancelled))
    assert {reason for reason in CancelReason if seen[reason] < 5} == set()
