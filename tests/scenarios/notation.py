"""The scenarios' shorthand: a line of text to a command, a fact to text. README.md has the grammar."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from stockex.messages import control, executions
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact, from_wire
from stockex.messages.market_data import BookChanged, Indicative, Level
from stockex.messages.orders import (
    AnyCommand,
    BustTrade,
    CancelOrder,
    CancelOrders,
    ChangePhase,
    ChangeSession,
    CorrectTrade,
    Deposit,
    Disconnected,
    KillSwitch,
    ListInstrument,
    MassCancel,
    NewOrder,
    PassTime,
    ReplaceOrder,
    SetLastPrice,
    SetReferencePrice,
    SetRules,
)
from stockex.vocabulary.enums import OrdType, PhaseAction, SelfTrade, SessionAction, Side, TimeInForce
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.tick_tables import rts11
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Nanos, Price, Shares, euro_text, seconds_text

SYMBOL: Final = "ALPHA"
"""The instrument of a step that names none."""

EVERYBODY: Final = "everybody"
"""Whom the kill switch of no single account is for."""

_SESSION: Final = {action.value for action in SessionAction}
_PHASE: Final = {action.value.replace("_", "-"): action for action in PhaseAction}


def units(text: str) -> int:
    """Return whole 1/10 000 euro for a decimal text."""
    return int(Decimal(text) * UNITS_PER_EURO)


def _price(text: str) -> Price:
    return Price(units(text))


def _cash(text: str) -> Cash:
    return Cash(units(text))


def instant(text: str) -> Nanos:
    """Return the instant so many seconds after the beginning."""
    return Nanos(int(Decimal(text) * 10**9))


_VALUES: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "@": ("limit", _price),
    "to": ("qty", int),
    "as": ("cl_ord_id", str),
    "in": ("symbol", str),
    "for": ("duration_s", int),
    "random": ("random_s", int),
    "seed": ("seed", int),
    "of": ("account", str),
    "from": ("source", str),
    "cash": ("cash", _cash),
    "shares": ("qty", int),
    "tick": ("tick", _price),
    "lot": ("lot", int),
    "reference": ("reference", _price),
    "stop": ("stop", _price),
    "display": ("display", int),
    "min-visible": ("min_visible", int),
    "min-exec": ("min_exec", int),
    "min-qty": ("min_qty", int),
    "trail": ("trail", _price),
    "offset": ("peg_offset", _price),
    "until": ("expire_at", instant),
    "oco": ("oco", str),
}
"""Words that a value follows: the field they fill, and how to read the value."""

_FLAGS: Final[Mapping[str, tuple[str, object]]] = {
    "market": ("ord_type", OrdType.MARKET),
    "mtl": ("ord_type", OrdType.MARKET_TO_LIMIT),
    "peg": ("ord_type", OrdType.PEG_PRIMARY),
    "peg-mid": ("ord_type", OrdType.PEG_MID),
    "stop-order": ("ord_type", OrdType.STOP),
    "trailing": ("ord_type", OrdType.TRAILING_STOP),
    "limit-order": ("ord_type", OrdType.LIMIT),
    "hidden": ("hidden", True),
    "cancel-below": ("cancel_below_min", True),
    "post-only": ("post_only", True),
    "until-disconnect": ("cancel_on_disconnect", True),
    "buy": ("side", Side.BUY),
    "sell": ("side", Side.SELL),
    **{tif.value: ("tif", tif) for tif in TimeInForce},
    **{mode.value: ("self_trade", mode) for mode in SelfTrade},
}
"""Words that stand alone: the field and its value."""


def terms(words: Sequence[str]) -> dict[str, object]:
    """Return the fields that `words` fill. Raises: KeyError for a word without a meaning."""
    fields: dict[str, object] = {}
    words_of_rules: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _VALUES:
            name, read = _VALUES[word]
            fields[name] = read(next(rest))
        elif "=" in word:
            words_of_rules.append(word)
        else:
            name, value = _FLAGS[word]
            fields[name] = value
    if words_of_rules:
        fields["rules"] = rules_of(words_of_rules)
    return fields


def rules_of(words: Sequence[str]) -> MarketRules:
    """Return the settings that words like `iceberg=replenish_to_back` name; a list has commas, "" is the empty list."""
    settings: dict[str, object] = {name: value for name, _, value in (word.partition("=") for word in words)}
    for name in {"market_collar", "max_order_value"} & settings.keys():
        settings[name] = units(str(settings[name])) / UNITS_PER_EURO
    if "auction_ladder" in settings:
        settings["auction_ladder"] = [step for step in str(settings["auction_ladder"]).split(",") if step]
    if "tick_table" in settings:
        settings["tick_table"] = _tick_table(str(settings["tick_table"]))
    return msgspec.convert(settings, MarketRules, dec_hook=from_wire, strict=False)


def _tick_table(text: str) -> list[list[float]]:
    """Return the rows of "0:0.01,10:0.02"; "rts11:4" names a band's table."""
    if text.startswith("rts11:"):
        return [[row.start / UNITS_PER_EURO, row.tick / UNITS_PER_EURO] for row in rts11(int(text[-1]))]
    return [[units(part) / UNITS_PER_EURO for part in row.split(":")] for row in text.split(",")]


def named(label: str) -> tuple[str, str]:
    """Return (account, client id): "A1" is (A, A1), "B/A1" is (B, A1)."""
    account, slash, cl_ord_id = label.partition("/")
    return (account, cl_ord_id) if slash else (re.sub(r"\d+$", "", label), label)


def command_of(line: str) -> AnyCommand:
    """Return the command that a line of a scenario stands for."""
    words = line.split()
    return _control_command(words) or _command(words)


def _control_command(words: Sequence[str]) -> AnyCommand | None:
    """Return what an operator or a gateway does about others, None for other words."""
    match words:
        case ["kill" | "release" as word, name]:
            return KillSwitch(account=None if name == EVERYBODY else name, on=word == "kill")
        case ["cancel-orders", *rest]:
            return CancelOrders(**terms(rest))  # type: ignore[arg-type]  # read from text
        case ["bust", trade_id]:
            return BustTrade(trade_id=trade_id)
        case ["correct", trade_id, *rest]:
            fields = terms(rest)
            return CorrectTrade(trade_id=trade_id, price=fields.get("limit"), qty=fields.get("qty"))  # type: ignore[arg-type]
        case [account, "disconnected", *rest]:
            return Disconnected(account=account, **terms(rest))  # type: ignore[arg-type]  # read from text
        case _:
            return None


def _command(words: Sequence[str]) -> AnyCommand:
    match words:
        case [action] if action in _SESSION:
            return ChangeSession(action=SessionAction(action), account="OPERATOR")
        case ["pass-time"]:
            return PassTime()
        case [action, *rest] if action in _PHASE:
            return ChangePhase(to=_PHASE[action], **terms(rest))  # type: ignore[arg-type]  # read from text
        case ["reference-price" | "last-price" as name, price, *rest]:
            return _price_command(name, price, {"symbol": SYMBOL, **terms(rest)})
        case ["list" | "set-rules" as name, *rest]:
            return _listing_command(name, rest)
        case [account, "cancel-all", *rest]:
            return MassCancel(account=account, **terms(rest))  # type: ignore[arg-type]  # read from text
        case [account, "deposit", *rest]:
            return Deposit(account=account, **terms(rest))  # type: ignore[arg-type]  # read from text
        case [label, *rest]:
            return _order_command(*named(label), rest)
        case _:
            raise ValueError(f"no command: {' '.join(words)}")


def _listing_command(name: str, words: Sequence[str]) -> AnyCommand:
    if name == "list":
        return ListInstrument(symbol=words[0], **terms(words[1:]))  # type: ignore[arg-type]  # read from text
    return SetRules(**{"symbol": SYMBOL, "rules": MarketRules(), **terms(words)})  # type: ignore[arg-type]


def _price_command(name: str, price: str, fields: dict[str, object]) -> AnyCommand:
    if name == "last-price":
        return SetLastPrice(price=_price(price), **fields)  # type: ignore[arg-type]  # read from text
    value = None if price == "none" else _price(price)
    return SetReferencePrice(price=value, **fields)  # type: ignore[arg-type]  # read from text


def _order_command(account: str, label: str, words: Sequence[str]) -> AnyCommand:
    match words:
        case ["buy" | "sell" as side, qty, *rest]:
            fields = {"symbol": SYMBOL, **terms([side, *rest])}
            if "trail" in fields:
                trailing = OrdType.TRAILING_STOP_LIMIT if "limit" in fields else OrdType.TRAILING_STOP
                fields.setdefault("ord_type", trailing)
            if "stop" in fields:
                fields.setdefault("ord_type", OrdType.STOP_LIMIT if "limit" in fields else OrdType.STOP)
            return NewOrder(account=account, cl_ord_id=label, qty=Shares(int(qty)), **fields)  # type: ignore[arg-type]
        case ["cancel", *rest]:
            fields = {"symbol": SYMBOL, **terms(rest)}
            return CancelOrder(account=account, orig_cl_ord_id=label, **fields)  # type: ignore[arg-type]
        case ["replace", *rest]:
            fields = {"symbol": SYMBOL, **terms(rest)}
            return ReplaceOrder(account=account, orig_cl_ord_id=label, **fields)  # type: ignore[arg-type]
        case _:
            raise ValueError(f"no command: {label} {' '.join(words)}")


def fact_text(fact: Fact) -> str:
    """Return a fact as the scenarios write it."""
    match fact:
        case executions.Rejected():
            return f"refused {fact.reason.value}"
        case executions.Quarantined():
            return f"quarantined {fact.field_name}".rstrip()
        case Deposited() | control.Listed() | control.Suspended() | control.Resumed() | executions.Accepted():
            return type(fact).__name__.lower()
        case control.TimePassed() | control.RulesChanged():
            return re.sub(r"\B[A-Z]", r"-\g<0>", type(fact).__name__).lower()
        case BookChanged():
            return f"levels {_levels(fact.bids)} | {_levels(fact.asks)}"
        case _:
            return _market_fact(fact) or _moved_order(fact) or _changed_order(fact)


def _market_fact(fact: Fact) -> str:
    match fact:
        case control.Started(references=prices) | control.Stopped(closes=prices):
            name = "started" if isinstance(fact, control.Started) else "stopped"
            return f"{name} day {fact.day} " + " ".join(f"{symbol} {euro_text(prices[symbol])}" for symbol in prices)
        case control.Killed():
            return f"killed {fact.account or EVERYBODY} {fact.count}"
        case control.Released():
            return f"released {fact.account or EVERYBODY}"
        case control.PhaseChanged():
            until = "" if fact.ends_at is None else f" until {seconds_text(fact.ends_at)}"
            return f"phase {fact.phase.value}{until}"
        case control.ReferenceChanged() | control.LastChanged():
            name = "reference-price" if isinstance(fact, control.ReferenceChanged) else "last-price"
            return f"{name} {_at(fact.price)}"
        case control.Interrupted() | control.CallExtended():
            return _volatility_fact(fact)
        case control.Uncrossed() | Indicative():
            name = "uncrossed" if isinstance(fact, control.Uncrossed) else "indicative"
            return f"{name} {_at(fact.price)} x {fact.volume} surplus {fact.surplus}"
        case _:
            return ""


def _volatility_fact(fact: control.Interrupted | control.CallExtended) -> str:
    edges = f"{euro_text(fact.low)} to {euro_text(fact.high)}"
    if isinstance(fact, control.Interrupted):
        return f"interrupted {fact.which.value} {edges} by {euro_text(fact.price)}"
    until = "" if fact.ends_at is None else f" until {seconds_text(fact.ends_at)}"
    return f"extended {fact.extension} by {euro_text(fact.price)} outside {edges}{until}"


def _moved_order(fact: Fact) -> str:
    match fact:
        case executions.Rested():
            return f"rested {fact.leaves} @ {_at(fact.limit)}"
        case executions.Priced() | executions.Repriced():
            name = "priced" if isinstance(fact, executions.Priced) else "repriced"
            return f"{name} {fact.cl_ord_id} {fact.leaves} @ {_at(fact.limit)}"
        case executions.StopMoved():
            return f"stop-moved {fact.cl_ord_id} {euro_text(fact.stop)}"
        case executions.Triggered():
            return f"triggered {fact.cl_ord_id} by {euro_text(fact.last)}"
        case executions.Refreshed():
            return f"refreshed {fact.cl_ord_id} {fact.visible} of {fact.leaves}"
        case executions.Traded():
            resting = fact.sell if fact.aggressor is Side.BUY else fact.buy
            return f"trade {resting.cl_ord_id} {fact.qty} @ {euro_text(fact.price)}"
        case _:
            return ""


def _changed_order(fact: Fact) -> str:
    match fact:
        case executions.Cancelled():
            return f"cancelled {fact.cl_ord_id} {fact.qty} {fact.reason.value}"
        case executions.Expired():
            return f"expired {fact.cl_ord_id} {fact.qty}"
        case executions.Reduced():
            return f"reduced {fact.cl_ord_id} by {fact.qty} open {fact.leaves}"
        case executions.Replaced():
            new_id = "" if fact.cl_ord_id == fact.orig_cl_ord_id else f" as {fact.cl_ord_id}"
            place = "in place" if fact.kept_place else "requeued"
            terms_text = f"{fact.qty} @ {_at(fact.limit)} open {fact.leaves} {place}"
            return f"replaced {fact.orig_cl_ord_id}{new_id} to {terms_text}"
        case executions.TradeBusted():
            return f"busted {fact.trade_id}"
        case executions.TradeCorrected():
            was = f"{fact.old_qty} @ {euro_text(fact.old_price)}"
            return f"corrected {fact.trade_id} to {fact.qty} @ {euro_text(fact.price)} from {was}"
        case executions.MassCancelled():
            return f"mass-cancelled {fact.count}"
        case _:
            raise ValueError(f"no words for {fact}")


def _at(price: Price | None) -> str:
    return "none" if price is None else euro_text(price)


def _levels(levels: Sequence[Level]) -> str:
    return ", ".join(f"{euro_text(level.price)} x {level.qty} ({level.orders})" for level in levels) or "none"
