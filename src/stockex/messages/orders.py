"""Commands: the records of `orders`. Everything that changes the engine's state is one of these."""

from typing import Annotated

from msgspec import Meta, Struct, field

from stockex.vocabulary.enums import OrdType, PhaseAction, SelfTrade, SessionAction, Side, TimeInForce
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$(?!\n)")]
"""An account, a symbol or a client order id: 1 to 64 visible ASCII characters without spaces."""

Whole = Annotated[Shares, Meta(ge=-(2**53), le=2**53)]
"""A whole number that JSON carries exactly. The engine, not the form, says whether its size makes sense."""

Count = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""The same of no shares; the name of the field says of what."""

Text = Annotated[str, Meta(max_length=200)]
"""A sentence of a person, for people."""


class Command(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """What every command carries.

    `sent_at` is the sender's own clock, for information only: the engine's time is the record's.
    """

    sent_at: Nanos | None = field(name="timestamp", default=None)
    source: str = ""


class NewOrder(Command, frozen=True, kw_only=True, tag="new"):
    """Place one order. Source: FIX 4.4 NewOrderSingle (35=D)."""

    account: Name
    cl_ord_id: Name
    symbol: Name
    side: Side
    qty: Whole = field(name="quantity")
    limit: Price | None = field(name="price", default=None)
    ord_type: OrdType = OrdType.LIMIT
    tif: TimeInForce = field(name="time_in_force", default=TimeInForce.DAY)
    post_only: bool = False
    self_trade: SelfTrade | None = None
    stop: Price | None = field(name="stop_price", default=None)
    display: Whole | None = field(name="display_quantity", default=None)
    min_visible: Whole | None = None
    hidden: bool = False
    min_exec: Whole | None = None
    cancel_below_min: bool = False
    min_qty: Whole | None = None
    trail: Price | None = None
    expire_at: Nanos | None = None
    cancel_on_disconnect: bool = False
    oco: Name | None = None
    peg_offset: Price | None = None


class CancelOrder(Command, frozen=True, kw_only=True, tag="cancel"):
    """Cancel what is open of one order. Source: FIX 4.4 OrderCancelRequest (35=F)."""

    account: Name
    orig_cl_ord_id: Name
    symbol: Name
    cl_ord_id: Name | None = None


class ReplaceOrder(Command, frozen=True, kw_only=True, tag="replace"):
    """Give an open order a new total quantity, a new price, or both. Source: FIX 4.4 OrderCancelReplaceRequest (35=G).

    `qty` is the order's new total, what was filled included; a field left out stays as it is.
    """

    account: Name
    orig_cl_ord_id: Name
    symbol: Name
    cl_ord_id: Name | None = None
    qty: Whole | None = field(name="quantity", default=None)
    limit: Price | None = field(name="price", default=None)
    stop: Price | None = field(name="stop_price", default=None)
    min_exec: Whole | None = None
    expire_at: Nanos | None = None
    peg_offset: Price | None = None
    trail: Price | None = None
    min_qty: Whole | None = None


class MassCancel(Command, frozen=True, kw_only=True, tag="mass_cancel"):
    """Cancel all open orders of an account, of one symbol or all, of one side or both. Source: FIX 4.4 (35=q)."""

    account: Name
    symbol: Name | None = None
    side: Side | None = None
    cl_ord_id: Name | None = None


class CancelOrders(Command, frozen=True, kw_only=True, tag="cancel_orders"):
    """Cancel orders for their owners: of one account or all, of one symbol or all, of one side or both.

    The gateway has checked that an operator asks, whom `by` names. Source: FIX 4.4 OrderMassCancelRequest (35=q).
    """

    account: Name | None = None
    symbol: Name | None = None
    side: Side | None = None
    by: str = ""


class Disconnected(Command, frozen=True, kw_only=True, tag="disconnected"):
    """A client's session is lost: cancel those of its orders that ask for it.

    With a `source` only orders that came by this gateway end.
    """

    account: Name


class KillSwitch(Command, frozen=True, kw_only=True, tag="kill"):
    """Stop an account, or everybody when null: cancel all its open orders and take no new ones. Off: release it.

    The gateway has checked that an operator asks, whom `by` names. Source: MiFID II RTS 7 article 18.
    """

    account: Name | None = None
    on: bool
    by: str = ""


class BustTrade(Command, frozen=True, kw_only=True, tag="bust_trade"):
    """Undo a trade. The gateway has checked that an operator asks, whom `by` names. Source: FIX 4.4, tag 150=H."""

    trade_id: Name
    text: Text = ""
    by: str = ""


class CorrectTrade(Command, frozen=True, kw_only=True, tag="correct_trade"):
    """Give a trade another price, a smaller quantity, or both; a field left out stays as it is. Source: tag 150=G."""

    trade_id: Name
    price: Price | None = None
    qty: Whole | None = field(name="quantity", default=None)
    text: Text = ""
    by: str = ""


class ChangeSession(Command, frozen=True, kw_only=True, tag="session"):
    """Start, end, suspend or resume the trading session. The gateway has checked that an operator asks."""

    action: SessionAction
    account: Name


class ListInstrument(Command, frozen=True, kw_only=True, tag="instrument"):
    """List an instrument. `reference` is the price that it starts from."""

    symbol: Name
    tick: Price
    reference: Price
    lot: Whole = Shares(1)
    name: str = ""
    rules: MarketRules = DEFAULT_RULES


class SetRules(Command, frozen=True, kw_only=True, tag="rules"):
    """Give a listed instrument other settings, all of them at once; what is left out has its default."""

    symbol: Name
    rules: MarketRules


class ChangePhase(Command, frozen=True, kw_only=True, tag="phase"):
    """Change the phase of one instrument, or of all that it leads on. `uncross` holds the auction of a call.

    A call with `duration_s` ends by itself, up to `random_s` later as drawn from `seed`: the gateway fills the seed in.
    """

    to: PhaseAction
    symbol: Name | None = None
    duration_s: Count | None = None
    random_s: Count | None = None
    seed: Count | None = None


class SetReferencePrice(Command, frozen=True, kw_only=True, tag="reference_price"):
    """Give an instrument the reference price that auctions and unpriced orders look at; null takes it away."""

    symbol: Name
    price: Price | None = None


class SetLastPrice(Command, frozen=True, kw_only=True, tag="last_price"):
    """Give an instrument a last price, as if it had traded there: stops may trigger."""

    symbol: Name
    price: Price


class Deposit(Command, frozen=True, kw_only=True, tag="deposit"):
    """Open an account if it is new, and put cash, shares of one symbol, or both on it. Amounts are at least zero."""

    account: Name
    cash: Cash = Cash(0)
    symbol: Name | None = None
    qty: Whole = field(name="quantity", default=Shares(0))


class PassTime(Command, frozen=True, kw_only=True, tag="time"):
    """Do nothing but let time pass: what is due by the time of this record happens now, if no other record came."""


AnyCommand = (
    NewOrder
    | CancelOrder
    | ReplaceOrder
    | MassCancel
    | CancelOrders
    | Disconnected
    | KillSwitch
    | BustTrade
    | CorrectTrade
    | ChangeSession
    | ChangePhase
    | SetReferencePrice
    | SetLastPrice
    | ListInstrument
    | SetRules
    | Deposit
    | PassTime
)
"""Any record of `orders`."""
