"""Signals: the records of `control`. The seed's field `action` tells them apart."""

from msgspec import Struct, field

from stockex.vocabulary.enums import Phase, RangeKind
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.units import Nanos, Price, Shares


class Signal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="action"):
    """A signal that the engine emits as a fact when a command takes effect."""

    offset: int
    index: int
    at: Nanos = field(name="timestamp")


class Started(Signal, frozen=True, kw_only=True, tag="start"):
    """The session is open. `day` counts the sessions from 1; `references` are the prices the day starts from."""

    day: int
    references: dict[str, Price]


class Stopped(Signal, frozen=True, kw_only=True, tag="stop"):
    """The session has ended and DAY orders are gone. `closes` are the closing prices, carried to the next day."""

    day: int
    closes: dict[str, Price]


class Suspended(Signal, frozen=True, kw_only=True, tag="suspend"):
    """Trading is suspended; orders stay and can be cancelled."""


class Resumed(Signal, frozen=True, kw_only=True, tag="resume"):
    """Trading goes on."""


class Listed(Signal, frozen=True, kw_only=True, omit_defaults=True, tag="list"):
    """An instrument can be traded from now on."""

    symbol: str
    name: str
    tick: Price
    lot: Shares
    reference: Price
    rules: MarketRules = DEFAULT_RULES


class RulesChanged(Signal, frozen=True, kw_only=True, tag="rules"):
    """An instrument has these settings from now on. Its open orders stay as they are."""

    symbol: str
    rules: MarketRules


class PhaseChanged(Signal, frozen=True, kw_only=True, omit_defaults=True, tag="phase"):
    """An instrument is in another phase of its day. `ends_at` is the earliest end of a call that ends by itself."""

    symbol: str
    phase: Phase
    ends_at: Nanos | None = None


class Interrupted(Signal, frozen=True, kw_only=True, tag="interrupt"):
    """The next trade, at `price`, would have been outside the range around `reference`: a call begins instead."""

    symbol: str
    which: RangeKind = field(name="range")
    reference: Price
    low: Price
    high: Price
    price: Price


class CallExtended(Signal, frozen=True, kw_only=True, tag="extend"):
    """A volatility call goes on, as its auction would be at `price`, outside the wider range.

    Null `ends_at`: it does not end by itself any more.
    """

    symbol: str
    extension: int
    low: Price
    high: Price
    price: Price
    ends_at: Nanos | None


class Uncrossed(Signal, frozen=True, kw_only=True, tag="uncross"):
    """An auction was held. Its trades follow; `surplus` is buy minus sell at the price. Null price: nothing traded."""

    symbol: str
    price: Price | None
    volume: Shares
    surplus: int


class ReferenceChanged(Signal, frozen=True, kw_only=True, tag="reference_price"):
    """Auctions and unpriced orders look at this price from now on; null: at none."""

    symbol: str
    price: Price | None


class LastChanged(Signal, frozen=True, kw_only=True, tag="last_price"):
    """The instrument's last price was set; no trade."""

    symbol: str
    price: Price


class TimePassed(Signal, frozen=True, kw_only=True, tag="time"):
    """The engine has done all that was due by this time."""


class Killed(Signal, frozen=True, kw_only=True, tag="kill"):
    """An account, or everybody when null, enters no orders until released; its `count` open orders were cancelled."""

    account: str | None
    count: int


class Released(Signal, frozen=True, kw_only=True, tag="release"):
    """The account's own kill switch, or that for everybody when null, is off."""

    account: str | None


class MemberLogin(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="action", tag="member_login"
):
    """A person has taken the member over; its strategy rests."""

    member: str = field(name="member_id")


class MemberLogout(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="action", tag="member_logout"
):
    """The person has left; the member's strategy trades again."""

    member: str = field(name="member_id")


AnySignal = (
    Started
    | Stopped
    | Suspended
    | Resumed
    | Listed
    | RulesChanged
    | PhaseChanged
    | Interrupted
    | CallExtended
    | Uncrossed
    | ReferenceChanged
    | LastChanged
    | TimePassed
    | Killed
    | Released
)
"""Any signal of the engine."""

AnyControl = AnySignal | MemberLogin | MemberLogout
"""Any record of `control`."""
