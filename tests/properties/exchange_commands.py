"""Random commands for the exchange, sensible and hostile, and what becomes of them.

Hypothesis draws a seed and a length; the seed's dice write the script. A failure shrinks to the shortest script, and
unlike lists of independent draws the orders of a script meet, and replacements and cancels find an order.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from stockex.core.exchange import Exchange
from stockex.core.feeder.dice import Dice
from stockex.messages.codec import Fact
from stockex.messages.orders import (
    AnyCommand,
    CancelOrder,
    ChangeSession,
    Deposit,
    ListInstrument,
    MassCancel,
    NewOrder,
    ReplaceOrder,
)
from stockex.vocabulary.enums import OrdType, SelfTrade, SessionAction, Side, TimeInForce
from stockex.vocabulary.units import MAX_CASH, MAX_PRICE, MAX_QTY, Cash, Nanos, Price, Shares

T = TypeVar("T")

TICK: Final = 100
SETUP: Final[tuple[AnyCommand, ...]] = (
    ListInstrument(symbol="ALPHA", tick=Price(TICK), reference=Price(10_000)),
    ListInstrument(symbol="BETA", tick=Price(TICK), lot=Shares(5), reference=Price(10_000)),
    *(Deposit(account=account, cash=Cash(1_500_000), symbol="ALPHA", qty=Shares(150)) for account in "ABC"),
    *(Deposit(account=account, symbol="BETA", qty=Shares(100)) for account in "ABC"),
    ChangeSession(action=SessionAction.START, account="OP"),
)
"""Two instruments, and three accounts that can pay for some orders but not for all."""

HOSTILE_QTY: Final = (0, -5, 3, MAX_QTY, MAX_QTY + 1, 2**53, -(2**53))
HOSTILE_PRICE: Final = (0, -TICK, 10_050, MAX_PRICE, MAX_PRICE + TICK, 2**52, -(2**52))

thorough: Final[Callable[[Callable[..., None]], Callable[..., None]]] = settings(
    max_examples=150, derandomize=True, deadline=None, database=None
)
"""The same examples in every run, on every machine."""


class Step(NamedTuple):
    """One command with its facts, and the exchange after it."""

    command: AnyCommand
    facts: list[Fact]
    exchange: Exchange


class Author:
    """Writes commands by the roll of dice. Most are orders near one price; some make no sense."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed)
        self._named = [("A", "o0", "ALPHA")]

    def command(self) -> AnyCommand:
        """Return the next command."""
        kinds: dict[Callable[[], AnyCommand], int] = {
            self._limit_order: 55,
            self._market_order: 8,
            self._replacement: 16,
            self._cancel: 7,
            self._mass_cancel: 2,
            self._deposit: 3,
            self._listing: 2,
            self._session: 9,
        }
        return self._dice.choose_weighted(kinds)()

    def _one_in(self, chances: int) -> bool:
        return self._dice.integer(1, chances) == 1

    def _maybe(self, draw: Callable[[], T]) -> T | None:
        return draw() if self._one_in(2) else None

    def _account(self) -> str:
        return "X" if self._one_in(40) else self._dice.choose("ABC")

    def _symbol(self) -> str:
        return "NOPE" if self._one_in(40) else self._dice.choose(("ALPHA", "ALPHA", "BETA"))

    def _side(self) -> Side:
        return self._dice.choose(tuple(Side))

    def _qty(self) -> Shares:
        if self._one_in(30):
            return Shares(self._dice.choose(HOSTILE_QTY))
        return Shares(self._dice.choose((5, 5, 1)) * self._dice.integer(1, 12))

    def _price(self) -> Price:
        return Price(self._dice.choose(HOSTILE_PRICE) if self._one_in(30) else TICK * self._dice.integer(97, 103))

    def _limit_order(self) -> NewOrder:
        return self._order(OrdType.LIMIT, self._price())

    def _market_order(self) -> NewOrder:
        return self._order(OrdType.MARKET, self._price() if self._one_in(20) else None)

    def _order(self, ord_type: OrdType, limit: Price | None) -> NewOrder:
        account, symbol = self._account(), self._symbol()
        cl_ord_id = self._dice.choose(self._named)[1] if self._one_in(30) else f"o{len(self._named)}"
        self._named.append((account, cl_ord_id, symbol))
        tifs = {TimeInForce.DAY: 4, TimeInForce.GTC: 4, TimeInForce.IOC: 1, TimeInForce.FOK: 1}
        return NewOrder(
            account=account,
            cl_ord_id=cl_ord_id,
            symbol=symbol,
            side=self._side(),
            qty=self._qty(),
            limit=limit,
            ord_type=ord_type,
            tif=self._dice.choose_weighted(tifs),
            post_only=self._one_in(12),
            self_trade=self._dice.choose(tuple(SelfTrade)),
        )

    def _known(self) -> tuple[str, str, str]:
        """Return account, id and symbol of an order, mostly of a late one; sometimes they do not fit."""
        account, cl_ord_id, symbol = self._dice.choose(self._named[-25:])
        return (self._account() if self._one_in(20) else account), cl_ord_id, symbol

    def _replacement(self) -> ReplaceOrder:
        account, orig_cl_ord_id, symbol = self._known()
        new_id = f"o{len(self._named)}" if self._one_in(3) else None
        if new_id is not None:
            self._named.append((account, new_id, symbol))
        return ReplaceOrder(
            account=account,
            orig_cl_ord_id=orig_cl_ord_id,
            symbol=symbol,
            cl_ord_id=new_id,
            qty=self._maybe(self._qty),
            limit=self._maybe(self._price),
        )

    def _cancel(self) -> CancelOrder:
        account, orig_cl_ord_id, symbol = self._known()
        return CancelOrder(account=account, orig_cl_ord_id=orig_cl_ord_id, symbol=symbol)

    def _mass_cancel(self) -> MassCancel:
        return MassCancel(account=self._account(), symbol=self._maybe(self._symbol), side=self._maybe(self._side))

    def _session(self) -> ChangeSession:
        actions = {"start": 5, "resume": 5, "suspend": 1, "end": 1}
        return ChangeSession(action=SessionAction(self._dice.choose_weighted(actions)), account="OP")

    def _deposit(self) -> Deposit:
        return Deposit(
            account=self._dice.choose("ABC"),
            cash=Cash(self._dice.choose((-1, 0, 70_000, MAX_CASH + 1))),
            symbol=self._maybe(self._symbol),
            qty=Shares(self._dice.choose((-1, 0, 20, MAX_CASH + 1))),
        )

    def _listing(self) -> ListInstrument:
        return ListInstrument(
            symbol=self._dice.choose(("ALPHA", "GAMMA", "DELTA")),
            tick=Price(self._dice.choose((TICK, TICK, 0, -TICK))),
            lot=Shares(self._dice.choose((1, 1, 0, -1))),
            reference=self._price(),
        )


def script(seed: int, length: int) -> list[AnyCommand]:
    """Return the first `length` commands of the author with this seed."""
    author = Author(seed)
    return [author.command() for _ in range(length)]


commands: Final[st.SearchStrategy[list[AnyCommand]]] = st.builds(script, st.integers(0, 2**32 - 1), st.integers(1, 200))
"""Any commands at all."""


def at_of(offset: int) -> Nanos:
    """Return the log's time of the command at `offset`."""
    return Nanos(offset * 1_000_000)


def replay(exchange: Exchange, wanted: Sequence[AnyCommand], *, since: int = 0) -> Iterator[Step]:
    """Give the exchange each command in turn, the first with offset `since`."""
    for offset, command in enumerate(wanted, start=since):
        yield Step(command, exchange.apply(command, offset=offset, at=at_of(offset)), exchange)


def live(wanted: Sequence[AnyCommand]) -> Iterator[Step]:
    """Set a new exchange up, then give it each command in turn."""
    return replay(Exchange(), [*SETUP, *wanted])
