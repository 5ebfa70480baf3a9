"""Why the market is in its state: the session, listings, phases, prices and deposits, and facts of any other kind."""

from collections.abc import Iterator
from typing import Final

from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, cash_text, counted, price_text, shares_text
from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.control import (
    Killed,
    LastChanged,
    Listed,
    PhaseChanged,
    ReferenceChanged,
    Released,
    Resumed,
    RulesChanged,
    Started,
    Stopped,
    Suspended,
    TimePassed,
)
from stockex.messages.executions import Quarantined
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.units import euro_text

_SESSION: Final[dict[type, tuple[str, str]]] = {
    Suspended: ("SES-02", "Trading is suspended: new orders and replacements are refused, cancels are obeyed."),
    Resumed: ("SES-03", "Trading goes on where it was halted."),
}

_PHASES: Final[dict[Phase, tuple[str, str]]] = {
    Phase.PRE_OPEN: ("AUC-08", "orders gather, and no price is shown yet"),
    Phase.OPENING_CALL: ("AUC-08", "orders gather for the opening auction and do not trade"),
    Phase.VOLATILITY_CALL: ("LIM-09", "orders gather for an auction and do not trade"),
    Phase.CLOSING_CALL: ("AUC-09", "orders gather for the closing auction and do not trade"),
    Phase.TRADING_AT_LAST: ("AUC-10", "orders trade at the closing price and at no other"),
    Phase.CLOSED: ("AUC-09", "the day is over for it, and orders can only be cancelled"),
    Phase.HALTED: ("SES-07", "it is halted, and orders can only be cancelled"),
}
"""The phases of a day: the rule, and what it means for orders."""


def signalled(fact: Fact, scene: Scene) -> Iterator[Line]:
    """Yield one sentence about a fact that concerns no single order."""
    match fact:
        case Started():
            count = counted(len(fact.references), "instrument")
            text = f"Day {fact.day} begins: the market was closed. The reference prices are of {count}."
            yield Line(("SES-03", "SES-05"), text)
        case Stopped():
            count = counted(len(fact.closes), "instrument")
            text = f"Day {fact.day} is over. The last trade of the day, or else the reference, gives {count} the close."
            yield Line(("SES-03", "SES-05"), text)
        case Listed():
            text = f"{fact.symbol} can be traded: tick {euro_text(fact.tick)}, lot {fact.lot:,}."
            yield Line(("REF-01", "REF-02"), text)
        case PhaseChanged():
            yield _phase(fact, scene)
        case ReferenceChanged() | LastChanged() | RulesChanged():
            yield _given(fact, scene)
        case TimePassed():
            yield Line(("FCT-06",), "What was due by the time of this record has happened; nothing else was asked.")
        case Deposited():
            yield from _deposited(fact, scene)
        case Quarantined():
            where = f" at {fact.field_name}" if fact.field_name else ""
            yield Line(("FCT-04",), f"The record is no command{where}: {fact.text}. It is passed over.", "")
        case _:
            rule, text = _SESSION.get(type(fact), ("FCT-01", f"The command caused {mark_of(fact)}."))
            yield Line((rule,), text, None if type(fact) in _SESSION else getattr(fact, "account", None))


def kill_switch(fact: Killed | Released, _scene: Scene) -> Iterator[Line]:
    """Yield whom the operator stopped or released."""
    who = "everybody" if fact.account is None else fact.account
    if isinstance(fact, Killed):
        text = f"The kill switch is on for {who}: {counted(fact.count, 'order')} cancelled, no new ones taken."
        yield Line(("CTL-01", "CTL-02"), text, fact.account)
    else:
        yield Line(("CTL-03",), f"The kill switch is off for {who}.", fact.account)


def mark_of(fact: Fact) -> str:
    """Return what tells the kind of a fact on the wire."""
    return str(fact.__struct_config__.tag)


def _given(fact: ReferenceChanged | LastChanged | RulesChanged, scene: Scene) -> Line:
    """Say what an operator gave an instrument: a price, or other settings and which of them differ."""
    if isinstance(fact, ReferenceChanged):
        text = f"Auctions and unpriced orders in {fact.symbol} look at {price_text(fact.price)} from now on."
        return Line(("REF-04",), text)
    if isinstance(fact, LastChanged):
        text = f"The last price of {fact.symbol} was set to {euro_text(fact.price)}; stops may trigger."
        return Line(("REF-04",), text)
    listing = scene.listing(fact.symbol)
    before = DEFAULT_RULES if listing is None else listing.rules
    names = [name for name in MarketRules.__struct_fields__ if getattr(before, name) != getattr(fact.rules, name)]
    what = f"other settings now: {', '.join(names)}" if names else "the settings that it had"
    return Line(("LIM-03",), f"{fact.symbol} has {what}. Open orders stay as they are.")


def _phase(fact: PhaseChanged, scene: Scene) -> Line:
    is_volatile = fact.phase is Phase.VOLATILITY_CALL
    timed: tuple[str, ...] = () if fact.ends_at is None else ("LIM-10" if is_volatile else "AUC-11",)
    ends = " It ends by itself, not before the time that is told with the phase." if timed else ""
    if fact.phase is Phase.CALL:
        text = f"A call begins in {fact.symbol}: orders gather and do not trade.{ends}"
        return Line(("AUC-01", "AUC-07", *timed), text)
    if fact.phase in _PHASES:
        rule, what = _PHASES[fact.phase]
        return Line((rule, *timed), f"{fact.symbol} is in phase {fact.phase.value}: {what}.{ends}")
    before = "after the call" if scene.phase(fact.symbol).is_call else "now"
    return Line(("AUC-07",), f"{fact.symbol} is in phase {fact.phase.value} {before}.")


def _deposited(fact: Deposited, scene: Scene) -> Iterator[Line]:
    parts = [cash_text(fact.cash)] if fact.cash else []
    if fact.symbol is not None and fact.qty:
        parts.append(f"{shares_text(fact.qty)} of {fact.symbol}")
    text = f"{fact.account} receives {' and '.join(parts) if parts else 'nothing'} from outside."
    yield Line(("ACC-02",), text, fact.account)
    if scene.limited(fact.account) is None:
        text = f"It is the first deposit of {fact.account}: from now on its orders must be covered by what it has."
        yield Line(("ACC-01", "ACC-03") if scene.accounts.is_open else ("ACC-01",), text, fact.account)
