"""Why an order ended before it was filled, or lost a part."""

from collections.abc import Iterator, Sequence
from typing import Final

from stockex.core.matching.order import Order
from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, best_word, counted, limit_words
from stockex.messages.control import Interrupted, Uncrossed
from stockex.messages.executions import Cancelled, Expired, Fill, MassCancelled, Reduced, Traded, Triggered
from stockex.messages.orders import CancelOrders, Disconnected, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, SelfTrade, Side, TimeInForce
from stockex.vocabulary.units import euro_text

_STP: Final = {
    SelfTrade.ALLOW: ("STP-01", "its owner allows self-trades"),
    SelfTrade.CANCEL_NEWEST: ("STP-02", "the incoming order ends and the resting one stays"),
    SelfTrade.CANCEL_OLDEST: ("STP-03", "the resting order ends and the incoming one goes on"),
    SelfTrade.CANCEL_BOTH: ("STP-04", "both end"),
    SelfTrade.DECREMENT_AND_CANCEL: ("STP-05", "the smaller ends and the larger loses as much"),
}
"""What each mode does, and its rule."""

_PLAIN: Final[dict[CancelReason, tuple[str, str]]] = {
    CancelReason.BY_OWNER: ("CAN-01", "its owner asked for it"),
    CancelReason.MASS_CANCEL: ("CAN-03", "its owner cancelled all orders of this choice, the oldest first"),
    CancelReason.BY_OPERATOR: ("CTL-05", "the operator cancelled all orders of this choice, the oldest first"),
    CancelReason.DISCONNECTED: ("CTL-06", "the session that it came by was lost, and it was to end then"),
    CancelReason.UNCOVERED: ("CTL-10", "what covered it went back with a trade that was undone or corrected"),
    CancelReason.KILLED: ("CTL-01", "the kill switch was turned on"),
    CancelReason.CALL_ENDED: ("AUC-06", "it was good for the auction only, and the auction is over"),
}
"""Reasons that need no figures but those of the fact."""


_AT_ONCE: Final = frozenset(
    {
        CancelReason.IOC_REMAINDER,
        CancelReason.FOK_UNFILLED,
        CancelReason.MARKET_REMAINDER,
        CancelReason.BELOW_MINIMUM,
    }
)
"""Reasons of orders that could not trade at once what they should."""


def cancelled(fact: Cancelled, scene: Scene) -> Iterator[Line]:
    """Yield the reason with its rule and the figures that decided."""
    order = scene.orders.get(fact.order_id)
    traded = f"{fact.cum:,} had traded" if fact.cum else "nothing had traded"
    head = f"{scene.named(fact.account, fact.cl_ord_id)} ends with {fact.qty:,} open, {traded}"
    comes = next(iter(scene.facts[scene.place + 1 : scene.place + 2]), None)
    if isinstance(comes, Interrupted) and fact.reason in _AT_ONCE:
        rule, why = "LIM-09", f"its next trade, at {euro_text(comes.price)}, would be too far away, and it may not wait"
    elif fact.reason is CancelReason.SELF_TRADE and order is not None:
        rule, why = _self_trade(order, scene)
    elif order is not None and fact.reason in _FIGURES:
        rule, why = _FIGURES[fact.reason](order, scene)
    else:
        rule, why = _PLAIN.get(fact.reason, ("CAN-01", fact.reason.value.lower().replace("_", " ")))
    yield Line((rule,), f"{head}: {why}.", fact.account)


def _self_trade(order: Order, scene: Scene) -> tuple[str, str]:
    """Say which mode kept two orders of one account apart; the incoming order's counts."""
    incoming = scene.incoming
    mode = SelfTrade.CANCEL_NEWEST if incoming is None else incoming.self_trade
    rule, what = _STP[mode]
    other = "an order" if incoming is None or incoming is order else scene.name(incoming)
    return rule, f"it met {other} of its own account, and with {mode.value} {what}"


def reduced(fact: Reduced, scene: Scene) -> Iterator[Line]:
    """Yield what self-trade prevention took off an order."""
    name = scene.named(fact.account, fact.cl_ord_id)
    text = (
        f"{name} met an order of its own account, and with {SelfTrade.DECREMENT_AND_CANCEL.value} the larger loses "
        f"what the smaller had: {fact.qty:,} less, {fact.leaves:,} stay open in their place."
    )
    yield Line(("STP-05",), text, fact.account)


def _opposite(order: Order, scene: Scene) -> str:
    """Say what is shown on the other side, as far as it matters to the order."""
    listing = scene.listing(order.symbol)
    side = order.side.opposite
    queue = () if listing is None else tuple(listing.book.queue(side))
    best = next((resting.price for resting in queue if resting.limit is not None and resting.visible > 0), None)
    if best is None:
        return f"no {best_word(side)} is shown"
    if order.side.accepts(order.limit, best):
        return (
            f"what stands within reach, the best {best_word(side)} shown being {euro_text(best)}, may not trade with it"
        )
    return f"the best {best_word(side)} shown is {euro_text(best)}, beyond its limit {euro_text(order.price)}"


def _immediate(order: Order, scene: Scene) -> tuple[str, str]:
    if scene.phase(order.symbol).gathers:
        return "VAL-13", f"nothing trades at once in a call, and an {order.tif.value} order may not rest"
    return "TRD-05", f"an {order.tif.value} order never rests, and {_opposite(order, scene)}"


def _fill_or_kill(order: Order, scene: Scene) -> tuple[str, str]:
    listing = scene.listing(order.symbol)
    queue = () if listing is None else listing.book.queue(order.side.opposite)
    within = [resting for resting in queue if resting.limit is None or order.side.accepts(order.limit, resting.limit)]
    shown = sum(resting.visible for resting in within if resting.account != order.account)
    return "TRD-06", (
        f"a FOK order trades in full at once or not at all, and its {order.leaves:,} could not: {limit_words(order)} "
        f"only {shown:,} are shown to it"
    )


def _market_rest(order: Order, scene: Scene) -> tuple[str, str]:
    listing = scene.listing(order.symbol)
    setting = "cancel" if listing is None else listing.rules.market_remainder.value
    rule = "OTY-02" if order.tif.rests else "TRD-07"
    how = f"and market_remainder is {setting}" if order.tif.rests else f"and an {order.tif.value} order never rests"
    return rule, f"the book had no more for a market order, as {_opposite(order, scene)}, {how}"


def _no_opposite(order: Order, scene: Scene) -> tuple[str, str]:
    rule = "OTY-04" if order.ord_type.value == "MARKET_TO_LIMIT" else "OTY-02"
    return rule, f"there was no price that it could take: {_opposite(order, scene)}"


def _below_minimum(order: Order, scene: Scene) -> tuple[str, str]:
    if order.min_qty is not None and order is scene.incoming:
        return (
            "OTY-16",
            f"at least {order.min_qty:,} had to trade at once, and they could not: {_opposite(order, scene)}",
        )
    return "OTY-10", f"less is left than the {order.min_exec:,} that it asks for at least, and it was to end then"


def _below_filled(order: Order, scene: Scene) -> tuple[str, str]:
    qty = scene.command.qty if isinstance(scene.command, ReplaceOrder) else None
    asked = "its new quantity" if qty is None else f"its new quantity, {qty:,},"
    return "REP-08", f"{asked} leaves nothing open after the {order.cum:,} that were filled"


def _other_leg(order: Order, scene: Scene) -> tuple[str, str]:
    """Say what became of the other leg, so that this one was cancelled."""
    parts: Sequence[Fill | Triggered | Cancelled | Expired]
    for fact in scene.facts[: scene.place]:
        if isinstance(fact, Traded):
            parts, what = [fact.buy, fact.sell], "has traded"
        elif isinstance(fact, Triggered | Cancelled | Expired):
            parts, what = [fact], "was triggered" if isinstance(fact, Triggered) else "has ended"
        else:
            continue
        for part in parts:
            if part.order_id == order.oco:
                return "OTY-20", f"it was tied to {scene.named(part.account, part.cl_ord_id)}, which {what}"
    return "OTY-20", "the order that it was tied to is gone"


_FIGURES: Final = {
    CancelReason.OCO: _other_leg,
    CancelReason.IOC_REMAINDER: _immediate,
    CancelReason.FOK_UNFILLED: _fill_or_kill,
    CancelReason.MARKET_REMAINDER: _market_rest,
    CancelReason.NO_OPPOSITE: _no_opposite,
    CancelReason.BELOW_MINIMUM: _below_minimum,
    CancelReason.REPLACED_BELOW_FILLED: _below_filled,
}
"""Reasons that look at the order and the book."""


def expired(fact: Expired, scene: Scene) -> Iterator[Line]:
    """Yield why time ended the order."""
    order = scene.orders.get(fact.order_id)
    kind = "An order that does not outlive the day" if order is None else f"{_a(order.tif)} {order.tif.value} order"
    is_timed = order is not None and order.expire_at is not None and order.expire_at <= fact.at
    rule, when = ("FCT-06", "at its time") if is_timed else ("SES-04", "with the session")
    if not is_timed and any(isinstance(other, Uncrossed) for other in scene.facts):
        rule, when = "OTY-19", "with the closing auction"
    name = scene.named(fact.account, fact.cl_ord_id)
    yield Line((rule,), f"{kind} ends {when}: {name} had {fact.qty:,} open, {fact.cum:,} had traded.", fact.account)


def _a(tif: TimeInForce) -> str:
    return "An" if tif.value.startswith("A") else "A"


def mass_cancelled(fact: MassCancelled, scene: Scene) -> Iterator[Line]:
    """Yield how many orders a mass cancel chose."""
    what = "all" if fact.side is None else "all buy" if fact.side is Side.BUY else "all sell"
    where = "in every instrument" if fact.symbol is None else f"in {fact.symbol}"
    count = f"{counted(fact.count, 'order')} in all"
    match scene.command:
        case Disconnected():
            rule, text = "CTL-06", f"The session of {fact.account} was lost. Of its orders that end then: {count}."
        case CancelOrders():
            owner = "everybody" if fact.account is None else fact.account
            rule, text = "CTL-05", f"The operator cancelled {what} orders of {owner} {where}: {count}."
        case _:
            rule, text = "CAN-03", f"{fact.account} cancelled {what} orders {where}: {count}."
    yield Line((rule,), text, fact.account)
