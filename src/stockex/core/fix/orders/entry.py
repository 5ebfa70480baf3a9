"""Requests of FIX as commands: NewOrderSingle (D) and the requests about orders (F, G, q).

A field that asks for what the market has not makes the request unfit; one that changes nothing is passed over.
"""

import re
from collections.abc import Mapping
from typing import Final, TypedDict

from msgspec import Struct

from stockex.core.fix.message import Message
from stockex.core.fix.orders import terms as tags
from stockex.core.fix.orders.reasons import EXCEEDS_LIMIT, INCORRECT_QUANTITY, OTHER, UNKNOWN_ACCOUNT, UNSUPPORTED
from stockex.core.fix.orders.ticket import Terms
from stockex.core.fix.times import SECOND, nanos_of
from stockex.messages.orders import CancelOrder, MassCancel, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import OrdType, SelfTrade, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares

LONGEST_ID: Final = 64
"""The longest ClOrdID and Symbol."""

_ONE_SECURITY: Final = "1"
_ALL: Final = "7"
_USUAL: Final[Mapping[int, str]] = {15: "EUR", 423: "2", 854: "0", 835: "0", 836: "0", 837: "0", 775: "0"}
"""Fields that may say what holds anyway: the currency, and prices, offsets and quantities per unit."""

_NOT_HERE: Final = (152, 516, 388, 640, 192, 847, 168, 838, 840)
"""Fields that ask for more than there is: cash quantities, discretion, a second leg, strategies, a later start."""

_ID, _ORIGINAL, _SYMBOL = (11, "ClOrdID"), (41, "OrigClOrdID"), (55, "Symbol")
_NAMED: Final = {"D": (_ID, _SYMBOL), "F": (_ID, _ORIGINAL, _SYMBOL), "G": (_ID, _ORIGINAL, _SYMBOL), "q": (_ID,)}
"""What must be a name, by MsgType."""

_LAST_EXPIRY: Final = 2**33 * SECOND
"""Instants from here on, in the year 2242, are not on the wire of the log."""

_NO_FLAGS: Final[frozenset[str]] = frozenset()

_LOOKED_AT: Final = frozenset({*_NOT_HERE, *_USUAL})

_EXPIRY: Final = frozenset({126, 432})

_SELDOM: Final = frozenset({99, 110, 111, 210, 211})
"""Stop, minimum, what is shown (twice), and the distance of a peg or a trailing stop."""

_NAME: Final = re.compile(f"[!-~]{{1,{LONGEST_ID}}}")

_ENTRY_FLAGS: Final = frozenset(
    {tags.POST_ONLY, tags.CANCEL_WHEN_DOWN, tags.KEEP_WHEN_DOWN, tags.HELD, *tags.FOLLOWING}
)


class Party(Struct, frozen=True):
    """Whose requests a session brings.

    Attributes:
        source: The `source` of its commands.
        ends_when_down: All its orders end with the session, but those with ExecInst H.
        self_trade: What its orders do when they meet each other; None: as the instrument's rules say.
        most_open: How many orders may be open or on their way; None: any number.
        most_quantity: The largest quantity of one order; None: the instrument's.
    """

    account: str
    source: str
    ends_when_down: bool = False
    self_trade: SelfTrade | None = None
    most_open: int | None = None
    most_quantity: int | None = None


class Unfit(Exception):
    """A request that is no command.

    Attributes:
        reason: OrdRejReason (103).
        text: What is wrong, with the tag.
    """

    def __init__(self, reason: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


def new_order(message: Message, party: Party, *, at: int) -> NewOrder:
    """Return the command of an order, single or in a list. Raises: Unfit.

    `at` is the time of its arrival: an ExpireTime of that day, by UTC, lasts no longer than the day's session.
    """
    _check(message, party)
    flags = _instructions(message)
    ord_type = tags.ord_type_of(message.text(40), flags, has_price=bool(message.text(44)))
    if ord_type is None:
        raise Unfit(UNSUPPORTED, f"OrdType (40) {message.text(40)} with ExecInst (18) {message.text(18)}".rstrip())
    tif, expire_at = _life(message, at)
    return NewOrder(
        account=party.account,
        source=party.source,
        cl_ord_id=message.text(11),
        symbol=message.text(55),
        side=tags.SIDES[message.text(54)],
        qty=_quantity(message, party),
        limit=_price(message, 44),
        ord_type=ord_type,
        tif=tif,
        post_only=tags.POST_ONLY in flags,
        self_trade=party.self_trade,
        expire_at=expire_at,
        cancel_on_disconnect=_ends_when_down(flags, party),
        **({} if _SELDOM.isdisjoint(message.body) else _seldom(message, ord_type)),
    )


class _Seldom(TypedDict, total=False):
    """Terms of an order that few have."""

    stop: Price | None
    display: Shares | None
    hidden: bool
    min_exec: Shares | None
    min_qty: Shares | None
    trail: Price | None
    peg_offset: Price | None


def _seldom(message: Message, ord_type: OrdType) -> _Seldom:
    """Return what `_SELDOM` says of an order. Raises: Unfit."""
    offset = _price(message, 211)
    shown = _shares(message, 111) if message.text(111) else _shares(message, 210)
    least = _shares(message, 110)
    is_hidden = shown == 0
    return _Seldom(
        stop=_price(message, 99),
        display=None if is_hidden else shown,
        hidden=is_hidden,
        min_exec=least if is_hidden else None,
        min_qty=None if is_hidden else least,
        trail=offset if ord_type.is_trailing else None,
        peg_offset=None if ord_type.is_trailing else offset,
    )


def replacement(message: Message, party: Party, *, terms: Terms, busted: int, at: int) -> ReplaceOrder:
    """Return the command of an OrderCancelReplaceRequest for an order of these terms. Raises: Unfit.

    The request states all terms; what the engine cannot change must be as it is. A quantity counts what was filled,
    and so the engine, which does not forget a fill that was busted, is told `busted` more.
    """
    _check(message, party)
    _same_order(message, terms)
    flags = _instructions(message)
    ord_type = tags.ord_type_of(message.text(40), flags, has_price=bool(message.text(44)))
    if ord_type not in {terms.ord_type, terms.entered_as}:
        raise Unfit(UNSUPPORTED, "OrdType (40) and ExecInst (18) cannot change")
    told = terms.fields()
    for tag, name in ((111, "MaxFloor"), (210, "MaxShow")):
        if tag in message.body and message.text(tag) != told.get(111, message.text(38)):
            raise Unfit(UNSUPPORTED, f"{name} ({tag}) cannot change")
    if message.text(59) not in {told[59], "" if terms.tif is TimeInForce.DAY else told[59]}:
        raise Unfit(UNSUPPORTED, "TimeInForce (59) cannot change")
    if terms.ord_type.is_limit and not message.text(44):
        raise Unfit(OTHER, "Price (44) is missing")
    least, offset, stop = _shares(message, 110), _price(message, 211), _price(message, 99)
    expire_at = _life(message, at)[1]
    is_live = terms.entered_as.is_stop and not terms.ord_type.is_stop
    is_trailing = terms.entered_as.is_trailing
    return ReplaceOrder(
        account=party.account,
        source=party.source,
        orig_cl_ord_id=message.text(41),
        cl_ord_id=message.text(11),
        symbol=terms.symbol,
        qty=Shares(_quantity(message, party) + busted),
        limit=_price(message, 44),
        stop=None if is_live or (is_trailing and stop == terms.stop) else stop,
        min_exec=least if terms.is_hidden else None,
        min_qty=None if terms.is_hidden or least == terms.min_qty else least,
        expire_at=None if expire_at == terms.expire_at else expire_at,
        trail=offset if is_trailing and not is_live else None,
        peg_offset=None if is_trailing else offset,
    )


def cancellation(message: Message, party: Party, *, terms: Terms) -> CancelOrder:
    """Return the command of an OrderCancelRequest for an order of these terms. Raises: Unfit."""
    _check_names(message, party)
    _same_order(message, terms)
    return CancelOrder(
        account=party.account,
        source=party.source,
        orig_cl_ord_id=message.text(41),
        cl_ord_id=message.text(11),
        symbol=terms.symbol,
    )


def mass_cancellation(message: Message, party: Party) -> MassCancel:
    """Return the command of an OrderMassCancelRequest: of one security (1), or of all (7). Raises: Unfit."""
    _check_names(message, party)
    kind = message.text(530)
    if kind not in {_ONE_SECURITY, _ALL}:
        raise Unfit(0, f"MassCancelRequestType (530) {kind}")
    if kind == _ONE_SECURITY and not is_name(message.text(55)):
        raise Unfit(1, "Symbol (55) is missing, or no symbol")
    side = message.text(54)
    if side and side not in tags.SIDES:
        raise Unfit(OTHER, f"Side (54) {side}")
    return MassCancel(
        account=party.account,
        source=party.source,
        cl_ord_id=message.text(11),
        symbol=message.text(55) if kind == _ONE_SECURITY else None,
        side=tags.SIDES.get(side),
    )


def _check(message: Message, party: Party) -> None:
    """Hold what an order asks for against what there is. Raises: Unfit."""
    _check_names(message, party)
    if message.text(54) not in tags.SIDES:
        raise Unfit(UNSUPPORTED, f"Side (54) {message.text(54)}")
    if not _LOOKED_AT.isdisjoint(message.body):
        for tag in sorted(message.body.keys() & _LOOKED_AT):
            if message.text(tag) != _USUAL.get(tag):
                raise Unfit(UNSUPPORTED, f"tag {tag} is not supported here")
    if message.text(21) == "3":
        raise Unfit(UNSUPPORTED, "HandlInst (21) 3: nobody works orders here")


def _check_names(message: Message, party: Party) -> None:
    for tag, name in _NAMED[message.msg_type]:
        if not is_name(message.text(tag)):
            raise Unfit(OTHER, f"{name} ({tag}) has 1 to {LONGEST_ID} visible characters without spaces")
    account = message.text(1)
    if account and account != party.account:
        raise Unfit(UNKNOWN_ACCOUNT, f"Account (1) of this session is {party.account}")


def is_name(text: str) -> bool:
    """Say whether a text can be a client order id or a symbol."""
    return _NAME.fullmatch(text) is not None


def _same_order(message: Message, terms: Terms) -> None:
    """Refuse a request whose symbol or side is not the order's. Raises: Unfit."""
    if message.text(55) != terms.symbol or tags.SIDES.get(message.text(54)) is not terms.side:
        raise Unfit(OTHER, f"the order is to {terms.side.value.lower()} {terms.symbol}")


def _instructions(message: Message) -> frozenset[str]:
    """Return the values of ExecInst (18). Raises: Unfit."""
    text = message.text(18)
    if not text:
        return _NO_FLAGS
    flags = frozenset(text.split())
    for flag in sorted(flags - _ENTRY_FLAGS):
        raise Unfit(UNSUPPORTED, f"ExecInst (18) {flag}")
    return flags


def _ends_when_down(flags: frozenset[str], party: Party) -> bool:
    return tags.CANCEL_WHEN_DOWN in flags or (party.ends_when_down and tags.KEEP_WHEN_DOWN not in flags)


def _life(message: Message, at: int) -> tuple[TimeInForce, Nanos | None]:
    """Return TimeInForce (59), and when the order expires by ExpireDate (432) or ExpireTime (126). Raises: Unfit."""
    tif = tags.TIMES.get(message.text(59) or "0")
    if tif is None:
        raise Unfit(UNSUPPORTED, f"TimeInForce (59) {message.text(59)}")
    if _EXPIRY.isdisjoint(message.body):
        return tif, None
    date, time = message.text(432), message.text(126)
    if date and time:
        raise Unfit(OTHER, "ExpireDate (432) and ExpireTime (126)")
    expire_at = tags.end_of(date) if date else Nanos(nanos_of(time) // 1_000 * 1_000)
    if not 0 <= expire_at < _LAST_EXPIRY:
        raise Unfit(OTHER, f"the expiry {date or time} is beyond count")
    if date:
        return tif, expire_at
    is_today = tags.date_of(expire_at) == tags.date_of(at)
    return (TimeInForce.GTT if tif is TimeInForce.GTD and is_today else tif), expire_at


def _price(message: Message, tag: int) -> Price | None:
    """Return the price of a field, None without it. Raises: Unfit."""
    text = message.text(tag)
    if not text:
        return None
    price = tags.price_of(text)
    if price is None or abs(price) > 2**52:
        raise Unfit(OTHER, f"tag {tag}: {text} has more than four decimals or digits beyond count")
    return price


def _shares(message: Message, tag: int) -> Shares | None:
    """Return the whole number of a field, None without it. Raises: Unfit."""
    text = message.text(tag)
    if not text:
        return None
    shares = tags.shares_of(text)
    if shares is None or abs(shares) > 2**53:
        raise Unfit(INCORRECT_QUANTITY, f"tag {tag}: {text} is no whole number of shares")
    return shares


def _quantity(message: Message, party: Party) -> Shares:
    """Return OrderQty (38). Raises: Unfit."""
    quantity = _shares(message, 38)
    if quantity is None:
        raise Unfit(INCORRECT_QUANTITY, "OrderQty (38) is missing")
    if party.most_quantity is not None and quantity > party.most_quantity:
        raise Unfit(EXCEEDS_LIMIT, f"this session's orders are of at most {party.most_quantity}")
    return quantity
