"""An open order, as the book keeps it."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares


class Link:
    """One of a ring: what is before and after it, and the queue whose ring it is."""

    __slots__ = ("after", "before", "queue")

    after: "Link"
    before: "Link"
    queue: "Queue"


class Queue(Link):
    """The orders at one price: a ring of those that show something, and the hidden ones.

    The queue itself is where the ring begins and ends: the oldest comes after it, the youngest before it. Who leaves is
    not looked for. `qty` is what is shown, by `orders` of them.
    """

    __slots__ = ("hidden", "key", "orders", "qty")

    def __init__(self) -> None:
        self.key = 0
        self.after = self.before = self.queue = self
        self.hidden: OrderedDict[int, Order] = OrderedDict()
        self.qty = self.orders = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody stands here."""
        return self.after is self and not self.hidden

    def shown(self) -> Iterator["Order"]:
        """Yield the orders that show something, oldest first."""
        link = self.after
        while isinstance(link, Order):
            yield link
            link = link.after

    def __iter__(self) -> Iterator["Order"]:
        yield from self.shown()
        yield from self.hidden.values()


@dataclass(slots=True, eq=False)
class Order(Link):
    """One order from acceptance to its end. Total quantity is `leaves + cum`.

    `limit` is the price it stands at: a peg's moves, `peg_offset` away from what it follows, and `peg_limit` bounds it.
    `stop` is the price that it waits
    for, None once it is live, or for a trailing stop until there is a last price; `trail` is how far that follows.
    `min_qty` must trade at once, None once it did. `peak` is what an iceberg shows now. `cap` bounds a buy without a
    limit of its own (RSK-06). `place` counts the places given out in the book: the lower, the older. `tied_to` is the
    gateway whose lost session ends the order, None for one that stays (CTL-06). `for_close`: it waits outside the book
    for the closing call (OTY-19). `oco` is the id of the other leg of its pair (OTY-20).
    """

    order_id: int
    account: str
    cl_ord_id: str
    symbol: str
    side: Side
    leaves: int
    cum: int
    limit: Price | None
    ord_type: OrdType
    tif: TimeInForce
    post_only: bool
    self_trade: SelfTrade
    stop: Price | None = None
    display: int | None = None
    min_visible: int | None = None
    hidden: bool = False
    min_exec: int | None = None
    cancel_below_min: bool = False
    peg_limit: Price | None = None
    cap: Price | None = None
    peak: int = 0
    place: int = 0
    min_qty: int | None = None
    trail: Price | None = None
    expire_at: Nanos | None = None
    tied_to: str | None = None
    for_close: bool = False
    oco: int | None = None
    peg_offset: Price | None = None

    @classmethod
    def of(cls, command: NewOrder, order_id: int, *, self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST) -> "Order":
        """Return the order that an accepted command places; `self_trade` is the mode of one that names none."""
        is_peg = command.ord_type.is_peg
        return cls(
            order_id=order_id,
            account=command.account,
            cl_ord_id=command.cl_ord_id,
            symbol=command.symbol,
            side=command.side,
            leaves=command.qty,
            cum=0,
            limit=None if is_peg else command.limit,
            ord_type=command.ord_type,
            tif=command.tif,
            post_only=command.post_only,
            self_trade=command.self_trade or self_trade,
            stop=command.stop,
            display=command.display,
            min_visible=command.min_visible,
            hidden=command.hidden,
            min_exec=command.min_exec,
            cancel_below_min=command.cancel_below_min,
            peg_limit=command.limit if is_peg else None,
            min_qty=command.min_qty,
            trail=command.trail,
            expire_at=command.expire_at,
            for_close=command.tif is TimeInForce.AT_CLOSE,
            tied_to=command.source if command.cancel_on_disconnect else None,
            peg_offset=command.peg_offset,
        )

    @property
    def qty(self) -> Shares:
        """The order's total quantity, what was filled included."""
        return Shares(self.leaves + self.cum)

    @property
    def price(self) -> Price:
        """The limit of an order that rests at a price: there is always one."""
        assert self.limit is not None, f"order {self.order_id} rests without a limit"
        return self.limit

    @property
    def visible(self) -> int:
        """What the public sees of the order in the book: all that is open, an iceberg's peak, or nothing."""
        if self.hidden:
            return 0
        return self.leaves if self.display is None else min(self.peak, self.leaves)

    @property
    def hidden_qty(self) -> int:
        """What is open and not shown."""
        return self.leaves - self.visible

    @property
    def is_special(self) -> bool:
        """Whether it takes more than price and time to say what an incoming order trades with it."""
        return self.display is not None or self.min_exec is not None or self.limit is None

    @property
    def terms_limit(self) -> Price | None:
        """The limit that its owner gave: a peg's own bound, or the limit."""
        return self.peg_limit if self.ord_type.is_peg else self.limit

    def show_peak(self) -> None:
        """Show a full peak of an iceberg, or what is left of it."""
        if self.display is not None:
            self.peak = min(self.display, self.leaves)
