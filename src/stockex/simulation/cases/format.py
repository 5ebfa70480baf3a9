"""Worked examples as data: one JSON object a line, orders in and what must come out. Prices are decimal texts.

Only what an expectation names is compared; a field that is not given is `UNSET`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType

from stockex.adapters.profiles import price_in, rules_of
from stockex.errors import WireError
from stockex.messages.codec import wire_error
from stockex.vocabulary.enums import PhaseAction
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Cash, Price, euro_text

DEFAULT_TICK = "0.01"
Kind = Literal["limit", "market", "market_to_limit", "stop", "stop_limit", "peg_primary", "peg_mid"]
BuyOrSell = Literal["buy", "sell"]
Lifetime = Literal["day", "gtc", "ioc", "fok", "gfa"]


class Form(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a case. A field that the format does not know is an error."""


class Terms(Form, frozen=True, kw_only=True):
    """What may be said of an order; a replacement and a cancel may repeat what does not change."""

    id: str
    side: BuyOrSell | None = None
    qty: int | None = None
    type: Kind | None = None
    price: Price | None = None
    stop: Price | None = None
    tif: Lifetime = "day"
    display: int | None = None
    min_visible: int | None = None
    hidden: bool = False
    min_exec: int | None = None
    cancel_below_min: bool = False
    peg_limit: Price | None = None
    member: str | None = None


class New(Terms, frozen=True, kw_only=True, tag_field="do", tag="new"):
    """Enter an order. `id` is its label; it may come again once its order is gone."""

    side: BuyOrSell
    qty: int
    type: Kind


class Replace(Terms, frozen=True, kw_only=True, tag_field="do", tag="replace"):
    """Change quantity, price, stop or minimum of an order; the rest is only repeated."""


class Cancel(Terms, frozen=True, kw_only=True, tag_field="do", tag="cancel"):
    """Cancel an order."""


class ToPhase(Form, frozen=True, kw_only=True, tag_field="do", tag="phase"):
    """Begin a call, end it, or trade continuously."""

    to: PhaseAction


class ReferencePrice(Form, frozen=True, kw_only=True, tag_field="do", tag="reference_price"):
    """Set the reference price."""

    price: Price


class LastPrice(Form, frozen=True, kw_only=True, tag_field="do", tag="last_price"):
    """Set the last price."""

    price: Price


class TradeSeen(Form, frozen=True, kw_only=True):
    """A trade by the labels of its orders."""

    buy: str | UnsetType = UNSET
    sell: str | UnsetType = UNSET
    maker: str | UnsetType = UNSET
    taker: str | UnsetType = UNSET
    qty: int | UnsetType = UNSET
    price: Price | UnsetType = UNSET


class FilledSeen(Form, frozen=True, kw_only=True):
    """What an order traded: quantity, and cost, the sum of quantity times price."""

    qty: int | UnsetType = UNSET
    cost: Cash | UnsetType = UNSET


class AuctionSeen(Form, frozen=True, kw_only=True):
    """An auction, held or indicative. `surplus` is buy minus sell; without a price nothing trades."""

    price: Price | UnsetType | None = UNSET
    volume: int | UnsetType = UNSET
    surplus: int | UnsetType = UNSET


class OrderSeen(Form, frozen=True, kw_only=True):
    """An open order. `qty` is all that is open, `hidden` what of it is not shown, `filled` what it has traded."""

    id: str | UnsetType = UNSET
    side: str | UnsetType = UNSET
    qty: int | UnsetType = UNSET
    price: Price | UnsetType | None = UNSET
    stop: Price | UnsetType | None = UNSET
    type: Kind | UnsetType = UNSET
    visible: int | UnsetType = UNSET
    hidden: int | UnsetType = UNSET
    filled: int | UnsetType = UNSET
    tif: Lifetime | UnsetType = UNSET
    display: int | UnsetType | None = UNSET
    min_visible: int | UnsetType | None = UNSET
    min_exec: int | UnsetType | None = UNSET
    peg_limit: Price | UnsetType | None = UNSET


Depth = tuple[tuple[Price, int, int], ...]


class Expect(Form, frozen=True, kw_only=True, tag_field="do", tag="expect"):
    """What must hold now."""

    trades: tuple[TradeSeen, ...] | UnsetType = UNSET
    filled: dict[str, FilledSeen] | UnsetType = UNSET
    auction: AuctionSeen | UnsetType | None = UNSET
    bids: tuple[OrderSeen, ...] | UnsetType = UNSET
    asks: tuple[OrderSeen, ...] | UnsetType = UNSET
    best_bid: OrderSeen | UnsetType | None = UNSET
    best_ask: OrderSeen | UnsetType | None = UNSET
    bids_depth: Depth | UnsetType = UNSET
    asks_depth: Depth | UnsetType = UNSET
    bbo: tuple[Price | None, Price | None] | UnsetType = UNSET
    orders: dict[str, OrderSeen] | UnsetType = UNSET
    exactly: dict[str, OrderSeen] | UnsetType = UNSET
    cancelled: tuple[str, ...] | UnsetType = UNSET


Action = New | Replace | Cancel | ToPhase | ReferencePrice | LastPrice


class CaseForm(Form, frozen=True, kw_only=True):
    """One line of a file of cases."""

    id: str
    steps: tuple[Action | Expect, ...]
    settings: dict[str, str | list[str]] = {}
    source: msgspec.Raw = msgspec.Raw(b"null")
    title: str = ""


class Case(NamedTuple):
    """A worked example, where it stands, and the settings it relies on; all others are at their default."""

    place: str
    name: str
    title: str
    tick: Price
    rules: MarketRules
    steps: tuple[Action | Expect, ...]


def _unit(kind: type, value: object) -> object:
    return kind(price_in(value))


def _text(value: object) -> str:
    assert isinstance(value, Price | Cash), f"no text for {type(value)}"
    return euro_text(value)


_decoder = msgspec.json.Decoder(CaseForm, dec_hook=_unit)
_encoder = msgspec.json.Encoder(enc_hook=_text)


def shown(value: object) -> str:
    """Return a part of a case as it is written in a file."""
    return _encoder.encode(value).decode()


def cases_in(file: Path) -> Iterator[Case]:
    """Yield the cases of `file`, one a line; blank lines are passed over.

    Raises:
        WireError: a line is no case; file, line and field are named.
        ConfigurationError: the settings of a case cannot be used; file, line and key are named.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise WireError(f"{file}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _case(line, place=f"{file.name}, line {number}")


def _case(line: bytes, *, place: str) -> Case:
    try:
        form = _decoder.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        fault = wire_error(error)
        raise WireError(f"{place}, {fault.field or 'whole line'}: {fault}", field=fault.field) from error
    settings = {"self_trade": "allow", **form.settings}
    try:
        tick = price_in(settings.pop("tick", DEFAULT_TICK))
    except ValueError as error:
        raise WireError(f"{place}, settings.tick: {error}", field="settings.tick") from error
    if tick == 0:
        raise WireError(f"{place}, settings.tick: expected a price above zero", field="settings.tick")
    rules = rules_of(settings, place=f"{place}, settings")
    return Case(place, form.id, form.title, tick, rules, form.steps)
