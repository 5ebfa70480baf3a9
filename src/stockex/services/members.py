"""The members that trade by themselves."""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from stockex.bus.interface import Bus, Clock
from stockex.core.clearing.house import House
from stockex.core.clearing.valuation import NOTHING_RESERVED, Reserved
from stockex.core.dice import Dice, number_of
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.members.rules import Choice, Quote, Wish, decide
from stockex.messages.clearing import Decision
from stockex.messages.codec import Message, entry_of
from stockex.messages.envelope import Entry
from stockex.messages.orders import MassCancel, NewOrder
from stockex.vocabulary.accounts import MEMBERS
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.units import Nanos

_MILLISECOND: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_FIRST: Final = 3 * _SECOND
_LOOK_S: Final = 0.25
_SOURCE: Final = "CLRH"


@dataclass
class Members:
    """Let each member that no person has taken over act once every interval, while trading is continuous.

    The members take turns, evenly spread over the interval; the first acts three seconds after trading begins, or
    earlier if a turn is shorter. `market`, `house` and `blotter` are kept current by somebody else; they are only read.
    """

    bus: Bus
    market: Market
    house: House
    blotter: Blotter
    clock: Clock = field(kw_only=True)
    seed: int = field(kw_only=True)
    interval_s: float = field(kw_only=True, default=45.0)

    def __post_init__(self) -> None:
        """Seed the dice; nobody's turn has come."""
        self._dice = Dice(self.seed, number_of("members"))
        self._numbers = count(1)
        self._turn = 0
        self._next_at: int | None = None
        self._interval = int(self.interval_s * _SECOND)
        self._spacing = self._interval // len(MEMBERS)

    async def serve(self) -> None:
        """Take turns until cancelled. Raises: LogError: a decision could not be appended."""
        while True:
            await self.step()
            await asyncio.sleep(min(_LOOK_S, self.interval_s / len(MEMBERS) / 2))

    async def step(self) -> None:
        """Let the next member act if its turn has come."""
        now = self.clock()
        if self.market.session().phase is not Phase.CONTINUOUS:
            self._next_at = None
        elif self._next_at is None or self._next_at > now + self._spacing:  # the clock was set back
            self._next_at = now + min(_FIRST, self._spacing)
        elif now >= self._next_at:
            account = MEMBERS[self._turn]
            self._turn = (self._turn + 1) % len(MEMBERS)
            self._next_at = max(self._next_at + self._spacing, now)
            if account not in self.house.humans:
                await self.bus.append(self._entries(account, now=now))

    def _entries(self, account: str, *, now: Nanos) -> list[Entry]:
        """Return what the member appends: a cancel of what it left resting, an order, and the decision behind it."""
        messages: list[Message] = []
        reserved = Reserved(self.blotter.reserved_cash(account), self.blotter.reserved_shares(account))
        if self._left_orders(account, now=now):
            messages.append(MassCancel(account=account, source=_SOURCE, sent_at=now))
            reserved = NOTHING_RESERVED
        portfolio = self.house.portfolio(account, mark=self.market.mark, reserved=reserved)
        choice = decide(portfolio, self._quotes(), chance=self._dice)
        order = self._order(account, choice.wish, now=now) if choice.wish is not None else None
        if order is not None:
            messages.append(order)
        messages.append(_decision(account, choice, order=order, now=now))
        return [entry_of(message) for message in messages]

    def _left_orders(self, account: str, *, now: Nanos) -> bool:
        """Say whether orders of an earlier round rest, so old that the market has moved away from them.

        Half an interval tells an earlier round from this one, whatever the log's delay.
        """
        return any(order.placed_at <= now - self._interval // 2 for order in self.blotter.open_orders(account))

    def _quotes(self) -> dict[str, Quote]:
        """Return the best prices of every book that trades continuously."""
        quotes = {}
        for symbol, listed in self.market.instruments.items():
            if self.market.phase(symbol) is Phase.CONTINUOUS:
                bbo = self.market.bbo(symbol)
                quotes[symbol] = Quote(bbo.best_bid, bbo.best_ask, listed.lot)
        return quotes

    def _order(self, account: str, wish: Wish, *, now: Nanos) -> NewOrder:
        """Return the order for a wish; its id is unique over restarts, since it names the millisecond."""
        return NewOrder(
            account=account,
            cl_ord_id=f"{account}-{now // _MILLISECOND}-{next(self._numbers)}",
            symbol=wish.symbol,
            side=wish.side,
            qty=wish.qty,
            limit=wish.limit,
            source=_SOURCE,
            sent_at=now,
        )


def _decision(account: str, choice: Choice, *, order: NewOrder | None, now: Nanos) -> Decision:
    """Return the record of what a member decided."""
    if order is None:
        return Decision(account=account, at=now, source="rule", text=choice.text)
    return Decision(
        account=account,
        at=now,
        source="rule",
        text=choice.text,
        cl_ord_id=order.cl_ord_id,
        symbol=order.symbol,
        side=order.side,
        qty=order.qty,
        limit=order.limit,
    )
