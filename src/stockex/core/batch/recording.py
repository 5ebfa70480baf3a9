"""What the lean batch works with: accounts, plain orders, and a scribe that packs facts as they happen."""

from collections.abc import Callable
from struct import Struct
from typing import Final

from stockex.core.batch.terms import Row, Terms
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
_PACK_ACCEPTED, _PACK_RESTED = Struct("<" + _ACCEPTED).pack, Struct("<" + _RESTED).pack
_PACK_TAKEN: Final = Struct("<" + _ACCEPTED + _RESTED).pack
_CANCELLED: Final = "q16xii4xi8xiiI4x"
_PACK_CANCELLED, _PACK_PASSED = Struct("<" + _CANCELLED).pack, Struct("<" + _ACCEPTED + _CANCELLED).pack
_PACK_REPLACED: Final = Struct("<q8xqiiii8xiiI4x").pack

REASON_BIT, FLAG_BIT = 1 << 16, 1 << 24
PRICED: Final = HAS_PRICE * FLAG_BIT
_KEPT: Final = KEPT * FLAG_BIT
_ENDS: Final = {reason: CANCELLED + number * REASON_BIT for number, reason in enumerate(CANCEL_REASONS)}
_IOC_END: Final = _ENDS[CancelReason.IOC_REMAINDER]
_CUTS: Final = {reason: REDUCED + number * REASON_BIT for number, reason in enumerate(CANCEL_REASONS)}


class Market:
    """One symbol: its book and what its settings mean here. `ladders` has the own and the other side by `is_buy`."""

    __slots__ = (
        "book",
        "instrument",
        "is_open_qty",
        "ladders",
        "lot",
        "name",
        "number",
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
        self.ladders = (self.book.asks, self.book.bids), (self.book.bids, self.book.asks)
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

    __slots__ = ("client", "ladder", "market", "other", "owner", "terms")

    client: int
    market: Market
    owner: Owner
    terms: Terms
    ladder: Ladder
    other: Ladder
    ord_type = OrdType.LIMIT
    is_special = hidden = cancel_below_min = False
    display = min_exec = stop = None

    def __init__(self, row: Row, terms: Terms) -> None:
        _, self.order_id, _, _, self.client, _, self.limit, self.leaves = row
        self.terms = terms
        self.side = terms.side
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

    def __init__(self, resting: dict[int, PlainOrder]) -> None:
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

    def taken(self, order: PlainOrder) -> None:
        """Write that the order is taken and rests, all of it: what becomes of most orders, in one piece."""
        order_id, price, qty, client, number = order.order_id, order.limit, order.leaves, order.client, self.command
        kind = PRICED + order.terms.code
        accepted, rested = ACCEPTED + kind, RESTED + kind
        # fmt: off
        self.packed.append(_PACK_TAKEN(
            order_id, price, number, qty, qty, client, NONE, accepted,
            order_id, price, number, qty, client, NONE, rested,
        ))
        # fmt: on

    def passed(self, order: PlainOrder) -> None:
        """Write that the order is taken and, as it may not rest, ends with nothing filled."""
        order_id, price, qty, client, number = order.order_id, order.limit, order.leaves, order.client, self.command
        code = order.terms.code
        accepted, cancelled = ACCEPTED + PRICED + code, _IOC_END + code
        # fmt: off
        self.packed.append(_PACK_PASSED(
            order_id, price, number, qty, qty, client, NONE, accepted,
            order_id, number, qty, 0, client, NONE, cancelled,
        ))
        # fmt: on

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

    def cancelled(self, order: PlainOrder, reason: CancelReason, *, request: int = NONE) -> None:
        """Write that the order ends with all that it leaves, as the command with the client id `request` asked."""
        kind = _ENDS[reason] + order.terms.code
        self.packed.append(
            _PACK_CANCELLED(order.order_id, self.command, order.leaves, order.cum, order.client, request, kind)
        )

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
            del self.resting[resting.client]
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
        if self.resting.get(order.client) is order:
            if order.owner.is_limited:
                order.hold(-qty)
            if order.leaves == 0:
                del self.resting[order.client]

    def level(self, level: Level, code: int) -> None:
        """Write what stands at one price now, of the side that `code` names."""
        self.packed.append(PACK(level.qty, 0, level.price, self.command, level.orders, *_NOBODY, LEVEL + code))

    def rejected(self, reason: RejectReason, figures: tuple[int, int], *, client: int, target: int) -> None:
        """Write that the command is refused, with the figures that decided."""
        kind = REJECTED + REJECT_REASONS.index(reason) * REASON_BIT
        self.packed.append(PACK(*figures, 0, self.command, 0, 0, 0, 0, 0, client, target, kind))


_NOBODY: Final = (0, 0, 0, 0, NONE, NONE)


def _know(_fact: Fact) -> None:
    """Take note of nothing: no fact is made."""
