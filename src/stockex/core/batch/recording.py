"""What the lean batch works with: accounts, plain orders, and a scribe that packs facts as they happen."""

from collections.abc import Callable
from struct import Struct
from typing import Final

from stockex.core.batch.terms import SIDE_BIT, Row, Terms
from stockex.core.matching.compiled.records import (
    ACCEPTED,
    CANCEL_REASONS,
    CANCELLED,
    HAS_PRICE,
    KEPT,
    LEVEL,
    NONE,
    REDUCED,
    REJECT_REASONS,
    REJECTED,
    REPLACED,
    RESTED,
    TRADED,
)
from stockex.core.matching.order import Order
from stockex.core.matching.plain import Ladder, PlainBook
from stockex.core.matching.scribe import Scribe
from stockex.core.risk.accounts import Balance
from stockex.messages.codec import Fact
from stockex.messages.executions import Cancelled
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import CancelReason, OrdType
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import MarketRules, ReplacePriority, ReplaceQty
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos, Price

# A FACT is order, other, price (8 bytes each); command, qty, leaves, cum, other_leaves, other_cum, client, other_client
# (4 bytes each); and in one number the bytes kind, side, reason and flag. Each form leaves out what is 0 in its kind.
PACK: Final = Struct("<qqqiiiiiiiiI4x").pack
_ACCEPTED, _RESTED = "q8xqiii12xiiI4x", "q8xqi4xi12xiiI4x"
_CANCELLED, _REPLACED = "q16xii4xi8xiiI4x", "q8xqiiii8xiiI4x"
_PACK_ACCEPTED, _PACK_RESTED = Struct("<" + _ACCEPTED).pack, Struct("<" + _RESTED).pack
_PACK_REPLACED, _PACK_MOVED = Struct("<" + _REPLACED).pack, Struct("<" + _REPLACED + _RESTED).pack

TAKEN, PASSED = Struct("<" + _ACCEPTED + _RESTED).pack, Struct("<" + _ACCEPTED + _CANCELLED).pack
"""Pack what becomes of most orders, two facts in one piece: they are taken and rest, or end with nothing filled."""

ENDED: Final = Struct("<" + _CANCELLED).pack
"""Pack that an order ends."""

REASON_BIT, FLAG_BIT = 1 << 16, 1 << 24
PRICED: Final = HAS_PRICE * FLAG_BIT
ACCEPTED_LIMIT, RESTED_LIMIT = ACCEPTED + PRICED, RESTED + PRICED
"""The kinds of facts about limit orders, what comes from the side aside."""

_REPLACED_LIMIT: Final = REPLACED + PRICED
_KEPT: Final = KEPT * FLAG_BIT
_ENDS: Final = {reason: CANCELLED + number * REASON_BIT for number, reason in enumerate(CANCEL_REASONS)}
IOC_END, OWNER_END = _ENDS[CancelReason.IOC_REMAINDER], _ENDS[CancelReason.BY_OWNER]
_CUTS: Final = {reason: REDUCED + number * REASON_BIT for number, reason in enumerate(CANCEL_REASONS)}


class Market:
    """One symbol: its book and what its settings mean here. `own` and `other` have the sides by `Terms.place`."""

    __slots__ = (
        "book",
        "instrument",
        "is_open_qty",
        "lot",
        "name",
        "number",
        "other",
        "own",
        "rules",
        "self_trade",
        "tick",
        "to_back",
    )

    def __init__(self, number: int, instrument: Instrument, *, rules: MarketRules) -> None:
        self.number = number
        self.instrument = instrument
        self.name = instrument.symbol
        self.tick, self.lot = int(instrument.tick), int(instrument.lot)
        self.rules = rules
        self.book = PlainBook()
        self.own, self.other = (self.book.bids, self.book.asks), (self.book.asks, self.book.bids)
        self.self_trade = rules.self_trade
        self.to_back = rules.replace is ReplacePriority.ALWAYS_TO_BACK
        self.is_open_qty = rules.replace_qty is ReplaceQty.OPEN


class Owner:
    """An account that was heard of. `used` counts the client ids it has used."""

    __slots__ = ("balance", "is_limited", "name", "number", "used")

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"A{number}"
        self.balance = Balance()
        self.is_limited = False
        self.used = 0


class PlainOrder(Order):
    """An order that shows all of itself and has a limit if it rests: what else an order may be, the class denies."""

    __slots__ = ("client", "ladder", "market", "owner", "terms")

    client: int
    market: Market
    owner: Owner
    terms: Terms
    ladder: Ladder
    ord_type = OrdType.LIMIT
    is_special = hidden = cancel_below_min = False
    display = min_exec = stop = None

    def __init__(self, row: Row, owner: Owner, *, market: Market) -> None:
        terms, self.order_id, _, _, self.client, _, self.limit, self.leaves = row
        self.terms = terms
        self.side = terms.side
        self.owner, self.account, self.market = owner, owner.name, market
        self.self_trade = terms.self_trade or market.self_trade
        self.ladder = market.own[terms.place]
        self.cum = 0

    @property
    def visible(self) -> int:
        """What is open: all of it is shown."""
        return self.leaves

    def hold(self, qty: int) -> None:
        """Hold what `qty` more of a resting order needs, or less when it is negative: of an account with limits."""
        unit = self.price if self.side.is_buy else 1
        self.owner.balance.hold(self.side, self.market.name, amount=unit * qty)


class RecordScribe(Scribe):
    """Packs facts, and keeps resting orders and balances in step with those that matching causes.

    `command` is the place of the current command in the batch; `resting` has the orders in the books by client id.
    """

    __slots__ = ("command", "packed", "resting")

    def __init__(self, resting: list[PlainOrder | None]) -> None:
        super().__init__(0, Nanos(0), note=_know)
        self.resting = resting
        self.packed: list[bytes] = []
        self.command = 0

    def accepted(self, order: PlainOrder, price: int) -> None:
        """Write that the order is taken; `price` has its limit, or 0."""
        qty, kind = order.leaves, ACCEPTED + order.terms.code
        if price:
            kind += PRICED
        self.packed.append(_PACK_ACCEPTED(order.order_id, price, self.command, qty, qty, order.client, NONE, kind))

    def rested(self, order: PlainOrder) -> None:
        """Write that the order rests with what it leaves."""
        kind = RESTED + PRICED + order.terms.code
        self.packed.append(
            _PACK_RESTED(order.order_id, order.limit, self.command, order.leaves, order.client, NONE, kind)
        )

    def replaced(self, order: PlainOrder, old: int, *, is_kept: bool) -> None:
        """Write that the order, which had the client id `old`, has new terms."""
        leaves, cum, kind = order.leaves, order.cum, REPLACED + PRICED + order.terms.code
        if is_kept:
            kind += _KEPT
        self.packed.append(
            _PACK_REPLACED(
                order.order_id, order.limit, self.command, leaves + cum, leaves, cum, order.client, old, kind
            )
        )

    def moved(self, order: PlainOrder, old: int) -> None:
        """Write that the order, which had the client id `old`, has new terms and rests anew, all of it."""
        order_id, price, number, client = order.order_id, order.limit, self.command, order.client
        leaves, cum, code = order.leaves, order.cum, order.terms.code
        # fmt: off
        self.packed.append(_PACK_MOVED(
            order_id, price, number, leaves + cum, leaves, cum, client, old, _REPLACED_LIMIT + code,
            order_id, price, number, leaves, client, NONE, RESTED_LIMIT + code,
        ))
        # fmt: on

    def cancelled(self, order: PlainOrder, reason: CancelReason, *, request: int = NONE) -> None:
        """Write that the order ends with all that it leaves, as the command with the client id `request` asked."""
        kind = _ENDS[reason] + order.terms.code
        self.packed.append(ENDED(order.order_id, self.command, order.leaves, order.cum, order.client, request, kind))

    def traded(self, incoming: Order, resting: Order, *, qty: int, price: Price) -> None:
        """Write a trade; both orders show their figures after it."""
        assert isinstance(incoming, PlainOrder)
        assert isinstance(resting, PlainOrder)
        self.packed.append(
            PACK(
                incoming.order_id,
                resting.order_id,
                price,
                self.command,
                qty,
                incoming.leaves,
                incoming.cum,
                resting.leaves,
                resting.cum,
                incoming.client,
                resting.client,
                TRADED + incoming.terms.code,
            )
        )
        if resting.owner.is_limited:
            resting.hold(-qty)
        if resting.leaves == 0:
            self.resting[resting.client] = None
        sign = incoming.side.sign
        symbol = resting.market.name
        incoming.owner.balance.receive(symbol, qty=sign * qty, cash=-sign * qty * price)
        resting.owner.balance.receive(symbol, qty=-sign * qty, cash=sign * qty * price)

    def write_of(self, order: Order, kind: Callable[..., Fact], **fields: object) -> None:
        """Write what prevention of self-trades does to an order: it ends, or loses a part."""
        assert isinstance(order, PlainOrder)
        qty, reason = fields["qty"], fields["reason"]
        assert isinstance(qty, int)
        assert isinstance(reason, CancelReason)
        code = (_ENDS if kind is Cancelled else _CUTS)[reason] + order.terms.code
        self.packed.append(
            PACK(order.order_id, 0, 0, self.command, qty, order.leaves, order.cum, 0, 0, order.client, NONE, code)
        )
        if self.resting[order.client] is order:
            if order.owner.is_limited:
                order.hold(-qty)
            if order.leaves == 0:
                self.resting[order.client] = None

    def levels(self, book: PlainBook) -> None:
        """Write what stands now at each price that the command touched."""
        bids, asks = book.take_changes()
        for level in bids:
            self._level(level, 0)
        for level in asks:
            self._level(level, SIDE_BIT)

    def _level(self, level: Level, code: int) -> None:
        self.packed.append(PACK(level.qty, 0, level.price, self.command, level.orders, *_NOBODY, LEVEL + code))

    def rejected(self, reason: RejectReason, figures: tuple[int, int], *, client: int, target: int) -> None:
        """Write that the command is refused, with the figures that decided."""
        kind = REJECTED + REJECT_REASONS.index(reason) * REASON_BIT
        self.packed.append(PACK(*figures, 0, self.command, 0, 0, 0, 0, 0, client, target, kind))


_NOBODY: Final = (0, 0, 0, 0, NONE, NONE)


def _know(_fact: Fact) -> None:
    """Take note of nothing: no fact is made."""
