"""What one account sends: orders that rest, orders that trade, cancels; and what it was told of each."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

SYMBOLS: Final = ("ALPHA", "EXAE")
"""What is traded."""

_FAR: Final = {"ALPHA": 20.0, "EXAE": 25.0}
"""Below the market, where an order rests until it is cancelled."""

_OPEN: Final = 40
"""So many orders rest at most; beyond them one is cancelled for each that is placed."""

_TAKEN: Final = 200
_UNAVAILABLE: Final = 503
_DUPLICATE: Final = "DUPLICATE_CL_ORD_ID"


class Item(Struct, omit_defaults=True):
    """One item of a batch; `type` "new" or "cancel"."""

    type: str
    symbol: str
    cl_ord_id: str = ""
    orig_cl_ord_id: str = ""
    side: str = ""
    quantity: int = 0
    price: float | None = None
    ord_type: str = "LIMIT"
    time_in_force: str = "DAY"


class _Fill(Struct):
    trade_id: str


class _Fault(Struct):
    reason: str | None = None


class Answer(Struct):
    """What the exchange says about an item, as far as anybody here looks at it."""

    status: int = 201
    fills: list[_Fill] = []
    error: _Fault | None = None


class Told(Struct):
    """What an account was told since it was asked last: client ids that were taken, that ended, and its trades.

    `refused` are those that the exchange could not take and that it has not been asked again; `turned` were refused so,
    and then were there already. `silent` counts items without an answer.
    """

    account: str
    taken: list[str] = []
    ended: list[str] = []
    trades: list[str] = []
    refused: list[str] = []
    turned: list[str] = []
    refusals: int = 0
    silent: int = 0


_answers: Final = msgspec.json.Decoder(list[Answer])


@dataclass
class Trader:
    """One account. Its client ids are counted, and those without an answer are sent again before anything new.

    A request has at most `most` items.
    """

    account: str
    dice: Random
    most: int = 20
    told: Told = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.told = Told(self.account)
        self._count = 0
        self._open: deque[tuple[str, str]] = deque()
        self._again: list[Item] = []
        self._refused: set[str] = set()
        self._unknown: set[str] = set()
        self._side = "BUY"

    def items(self) -> list[Item]:
        """Return what to send next: first what had no answer."""
        if self._again:
            again, self._again = self._again[:_TAKEN], self._again[_TAKEN:]
            return again
        return [self._item() for _ in range(self.dice.randint(1, self.most))]

    def _item(self) -> Item:
        symbol = self.dice.choice(SYMBOLS)
        if self._open and self.dice.random() < len(self._open) / _OPEN / 2:
            symbol, cl_ord_id = self._open.popleft()
            return Item("cancel", symbol, orig_cl_ord_id=cl_ord_id)
        self._count += 1
        item = Item("new", symbol, cl_ord_id=f"{self.account}-{self._count}", side="BUY", quantity=1)
        if self.dice.random() < 1 / 3:
            item.side, item.ord_type, item.time_in_force = self._side, "MARKET", "IOC"
            self._side = "SELL" if self._side == "BUY" else "BUY"
        else:
            item.price = _FAR[symbol] + self.dice.randrange(100) / 100
        return item

    def put_back(self, items: Sequence[Item]) -> None:
        """Send these before anything new; they were not sent yet."""
        self._again += items

    def hear(self, items: Sequence[Item], body: bytes) -> None:
        """Write down what was answered to each of these items."""
        for item, answer in zip(items, _answers.decode(body), strict=True):
            reason = None if answer.error is None else answer.error.reason
            if answer.status == _UNAVAILABLE:  # in the log, or not
                self.miss([item])
            elif item.type == "cancel":
                self.told.ended.append(item.orig_cl_ord_id)
            elif reason in {None, _DUPLICATE}:
                self._take(item, answer, is_known=reason is not None)

    def _take(self, item: Item, answer: Answer, *, is_known: bool) -> None:
        if is_known and item.cl_ord_id in self._refused:
            self.told.turned.append(item.cl_ord_id)
        self._refused.discard(item.cl_ord_id)
        self._unknown.discard(item.cl_ord_id)
        self.told.taken.append(item.cl_ord_id)
        self.told.trades += [fill.trade_id for fill in answer.fills]
        if item.price is not None:
            self._open.append((item.symbol, item.cl_ord_id))

    def refuse(self, items: Sequence[Item]) -> None:
        """Write down that the exchange could not take any of these items now.

        One that was sent before without an answer may be there from then.
        """
        self._again += items
        self._refused |= {item.cl_ord_id for item in items if item.type == "new"} - self._unknown
        self.told.refusals += len(items)

    def miss(self, items: Sequence[Item]) -> None:
        """Write down that there was no answer, or none that tells."""
        self._again += items
        self._unknown |= {item.cl_ord_id for item in items if item.type == "new"}
        self._refused -= self._unknown
        self.told.silent += len(items)

    def tell(self) -> Told:
        """Return what was told since the last call."""
        told, self.told = self.told, Told(self.account)
        told.refused = sorted(self._refused)
        return told
