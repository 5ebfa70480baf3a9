"""Reads scenarios and plays them on the engine. README.md has the grammar."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from scenarios.notation import SYMBOL, command_of, fact_text, instant, units

from stockex.core.exchange import Exchange
from stockex.core.market.listing import by_place
from stockex.core.matching.order import Order
from stockex.core.risk.accounts import Balance
from stockex.errors import WireError
from stockex.messages.codec import Fact, decode_command
from stockex.messages.executions import Accepted, Quarantined, Rejected, Traded
from stockex.messages.market_data import BookChanged, Bust, Correction, Indicative, Trade
from stockex.simulation.books import Book, fast_exchange, open_on, whole
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Nanos, euro_text

FOLDER: Final = Path(__file__).parent
_NAME: Final = re.compile(r"([A-Z]{3}-\d{2})-[a-z0-9-]+")
_LISTING: Final = f"list {SYMBOL} tick 0.01 lot 1 reference 25.00"


class Scenario(NamedTuple):
    """One worked example: its name, which begins with its rule, what it claims, and its steps."""

    name: str
    claim: str
    steps: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The number of the rule that it shows."""
        found = _NAME.fullmatch(self.name)
        assert found is not None, f"a scenario's name begins with a rule: {self.name}"
        return found[1]


def scenarios() -> Iterator[Scenario]:
    """Yield every scenario of the folder."""
    for path in sorted(FOLDER.glob("*.txt")):
        blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
        for block in blocks:
            name, *lines = block.splitlines()
            steps = tuple(line.strip() for line in lines if line.startswith("    ") and line.strip())
            claim = " ".join(line.strip() for line in lines if line.strip() and not line.startswith("    "))
            yield Scenario(name, claim, steps)


class Play:
    """An exchange on which the steps of one scenario are played. `facts` are all facts so far."""

    def __init__(self, book: Book = Book.PLAIN) -> None:
        self._book = book
        self._exchange = open_on(book)
        self.facts: list[Fact] = []
        self._at = Nanos(0)
        self._command(_LISTING)

    @property
    def exchange(self) -> Exchange:
        """The exchange, to be looked at."""
        return whole(self._exchange)

    @exchange.setter
    def exchange(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def step(self, line: str) -> None:
        """Obey a command, or check a claim. Raises: AssertionError, with the line."""
        before, arrow, expected = (part.strip() for part in line.partition("=>"))
        word, _, rest = before.partition(" ")
        claim = getattr(self, f"_is_{word.replace('-', '_')}", None)
        if claim is not None:
            actual = claim(rest)
            assert rest == actual, f"{line}\n  is {word} {actual}"
        elif word == "log-time":
            self._at = instant(rest)
        elif word == "rules":
            self._exchange = open_on(self._book)
            self._command(f"{_LISTING} {rest}")
        elif before == "begin closed":
            self._exchange = Exchange() if self._book is Book.PLAIN else fast_exchange()
            self._command(_LISTING)
        else:
            self._check(line, self._command(before), expected if arrow else None)

    def _command(self, line: str) -> list[Fact]:
        facts = self._obey(line, self._exchange.next_offset)
        self.facts += facts
        return facts

    def _obey(self, line: str, offset: int) -> list[Fact]:
        if not line.startswith("raw "):
            return self._exchange.apply(command_of(line), offset=offset, at=self._at)
        try:
            command = decode_command(line.removeprefix("raw ").encode())
        except WireError as error:
            return self._exchange.quarantine(error, offset=offset, at=self._at)
        return self._exchange.apply(command, offset=offset, at=self._at)

    def _check(self, line: str, facts: list[Fact], expected: str | None) -> None:
        assert facts, line
        assert [fact.index for fact in facts] == list(range(len(facts))), line
        if expected is None:
            refused = [fact for fact in facts if isinstance(fact, Rejected | Quarantined)]
            assert not refused, f"{line}\n  is {refused}"
            return
        unseen: set[type] = {Trade, Bust, Correction}
        unseen |= set() if "levels" in expected else {BookChanged}
        unseen |= set() if "indicative" in expected else {Indicative}
        actual = ", ".join(fact_text(fact) for fact in facts if type(fact) not in unseen)
        assert expected == actual, f"{line}\n  is {actual}"

    def _is_book(self, claim: str) -> str:
        """Say which orders stand in the book: bids, then asks, in priority."""
        symbol = claim.split(maxsplit=1)[0]
        listing = self.exchange.desk.listings.get(symbol)
        if listing is not None:
            return f"{symbol} {self._sides(symbol)}"
        return self._sides(SYMBOL)

    def _sides(self, symbol: str) -> str:
        book = self.exchange.desk.listings[symbol].book
        return " | ".join(", ".join(map(_order_text, book.queue(side))) or "none" for side in Side)

    def _is_outside(self, _claim: str) -> str:
        """Say which orders wait: stops, then pegs without a price."""
        desk = self.exchange.desk
        waiting = (desk.stops(SYMBOL), desk.waiting(SYMBOL))
        return " | ".join(
            ", ".join(f"{order.cl_ord_id} {order.leaves}" for order in orders) or "none" for orders in waiting
        )

    def _is_for_close(self, _claim: str) -> str:
        """Say which orders wait for the closing call."""
        waiting = sorted(self.exchange.desk.listings[SYMBOL].closers.values(), key=by_place)
        return ", ".join(f"{order.cl_ord_id} {order.leaves}" for order in waiting) or "none"

    def _is_money(self, claim: str) -> str:
        account = claim.split(maxsplit=1)[0]
        balance = self.exchange.desk.accounts.balances.get(account, Balance())
        return f"{account} {euro_text(balance.cash)} held {euro_text(balance.held_cash)}"

    def _is_shares(self, claim: str) -> str:
        account, symbol = claim.split()[:2]
        balance = self.exchange.desk.accounts.balances.get(account, Balance())
        return f"{account} {symbol} {balance.shares.get(symbol, 0)} held {balance.held_shares.get(symbol, 0)}"

    def _is_phase(self, _claim: str) -> str:
        return f"{self.exchange.phase.value} day {self.exchange.day}"

    def _is_time(self, _claim: str) -> str:
        return str(Decimal(self.facts[-1].at) / 10**9)

    def _is_order_id(self, claim: str) -> str:
        label = claim.split(maxsplit=1)[0]
        ids = {fact.cl_ord_id: fact.order_id for fact in self.facts if isinstance(fact, Accepted)}
        return f"{label} {ids[label]}"

    def _is_trade_id(self, _claim: str) -> str:
        return [fact.trade_id for fact in self.facts if isinstance(fact, Traded)][-1]


def _order_text(order: Order) -> str:
    price = "none" if order.limit is None else euro_text(order.limit)
    assert order.limit is None or units(price) == order.limit, "the notation is exact"
    shown = "" if order.visible == order.leaves else f" showing {order.visible}"
    return f"{order.cl_ord_id} {order.leaves} @ {price}{shown}"


def played(scenario: Scenario, *, book: Book = Book.PLAIN) -> list[Fact]:
    """Play a scenario and return every fact. Raises: AssertionError at the first step that does not hold."""
    play = Play(book)
    for step in scenario.steps:
        play.step(step)
    return play.facts
