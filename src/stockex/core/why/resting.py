"""Why an order stands where it stands: it rests, gets a price, follows the market, or shows a new peak."""

from collections.abc import Iterator

from stockex.core.matching.order import Order
from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, best_word, counted, ordinal, price_text
from stockex.messages.executions import Priced, Refreshed, Repriced, Rested
from stockex.vocabulary.enums import OrdType, Phase, TimeInForce
from stockex.vocabulary.market_rules import MarketRemainder, MarketToLimit
from stockex.vocabulary.units import Price, euro_text


def rested(fact: Rested, scene: Scene) -> Iterator[Line]:
    """Yield why the rest of the order is in the book, and its place in the queue."""
    order, name = scene.orders.get(fact.order_id), scene.named(fact.account, fact.cl_ord_id)
    in_call = scene.phase(fact.symbol).gathers
    if fact.limit is None:
        why = "nothing trades in a call" if in_call else "the book could not fill it and such orders rest here"
        text = f"{name} rests without a price, as {why}; {fact.leaves:,} are open, first in priority."
        yield Line(("AUC-01",) if in_call else ("OTY-02", "OTY-03"), text, fact.account)
        return
    where = _queue(order, fact.limit, scene=scene)
    text = f"{name} rests with {fact.leaves:,} at {euro_text(fact.limit)}, {where}."
    rules: tuple[str, ...] = ("AUC-01",) if in_call else ("TRD-04",)
    if order is not None and order.ord_type.is_peg:
        rules = ("OTY-13",) if order.ord_type is OrdType.PEG_MID else ("OTY-12",)
        text = f"{text[:-1]}; it follows the {_followed(order)}."
        if order.peg_offset is not None:
            rules += ("OTY-21",)
    if order is not None and order.tif is TimeInForce.AT_CLOSE:
        rules += ("OTY-19",)
    if order is not None and order.hidden:
        rules += ("OTY-09",)
    if order is not None and order.display is not None:
        rules += ("OTY-08",)
        text = f"{text[:-1]}; it shows {min(order.display, fact.leaves):,}."
    yield Line(rules, text, fact.account)


def _queue(order: Order | None, limit: Price, *, scene: Scene) -> str:
    """Return the place in a queue in words; what is hidden is not counted."""
    listing = None if order is None else scene.listing(order.symbol)
    if order is None or listing is None:
        return "last in the queue there"
    level = listing.book.level(order.side, limit)
    if order.hidden:
        shown = f"the {level.qty:,} shown there and" if level.orders else ""
        return f"behind {shown} older hidden orders".replace("  ", " ")
    if level.orders == 0:
        return "1st in the queue there"
    ahead = f"{counted(level.orders, 'order')} with {level.qty:,} shown"
    return f"{ordinal(level.orders + 1)} in the queue there, behind {ahead}"


def _followed(order: Order) -> str:
    name = "middle of the market" if order.ord_type is OrdType.PEG_MID else f"best {best_word(order.side)}"
    return name if order.peg_offset is None else f"{name} {_offset(order.peg_offset)}"


def _offset(offset: Price) -> str:
    """Return an offset as what is added: "plus 0.05"."""
    return f"{'minus' if offset < 0 else 'plus'} {euro_text(Price(abs(offset)))}"


def priced(fact: Priced, scene: Scene) -> Iterator[Line]:
    """Yield where an order without a limit got its price from."""
    order, listing = scene.orders.get(fact.order_id), scene.listing(fact.symbol)
    name, price = scene.named(fact.account, fact.cl_ord_id), euro_text(fact.limit)
    head = f"{name} becomes a limit order at {price}"
    if order is None or listing is None:
        yield Line(("OTY-04",), f"{head}.", fact.account)
    elif order.cap == fact.limit:
        yield Line(("RSK-06",), f"{head}, its cap.", fact.account)
    elif scene.phase(fact.symbol).is_call:
        yield Line(
            ("AUC-05",), f"{head}, the auction price, with the {fact.leaves:,} that the auction left.", fact.account
        )
    elif order.ord_type is OrdType.MARKET_TO_LIMIT:
        is_best = listing.rules.market_to_limit is MarketToLimit.BEST_OPPOSITE_PRICE_ONLY
        is_waiting = order.order_id in scene.inside
        source = "its first fill" if is_waiting else "the best opposite price" if is_best else "its last fill"
        yield Line(("OTY-04",), f"{head}, {source}, with the {fact.leaves:,} that are left.", fact.account)
    else:
        is_last = listing.rules.market_remainder is MarketRemainder.BOOK_AT_LAST_SALE
        source = "the last price" if is_last else "as far from the best opposite price as the collar allows"
        yield Line(("OTY-02",), f"{head}, {source}, with the {fact.leaves:,} that are left.", fact.account)


def repriced(fact: Repriced, scene: Scene) -> Iterator[Line]:
    """Yield what a pegged order followed."""
    order, listing = scene.orders.get(fact.order_id), scene.listing(fact.symbol)
    name = scene.named(fact.account, fact.cl_ord_id)
    if order is None or listing is None:
        yield Line(("OTY-12",), f"{name} moves to {price_text(fact.limit)}.", fact.account)
        return
    rule = "OTY-13" if order.ord_type is OrdType.PEG_MID else "OTY-12"
    if fact.limit is None:
        is_call = scene.phase(fact.symbol) is not Phase.CONTINUOUS
        why = "in a call nothing is followed" if is_call else "there is nothing shown that it may follow"
        if order.peg_offset and not is_call:
            why += f", or {_offset(order.peg_offset)} leads to no price"
        yield Line((rule, "AUC-01") if is_call else (rule,), f"{name} waits outside the book: {why}.", fact.account)
        return
    best = [listing.book.best_limit(side) for side in (order.side, order.side.opposite)]
    text = f"{name} moves from {price_text(order.limit)} to {euro_text(fact.limit)}"
    more = f" {_offset(order.peg_offset)}" if order.peg_offset else ""
    if order.ord_type is OrdType.PEG_MID:
        middle = f"half way between {price_text(best[0])} and {price_text(best[1])}{more}"
        text += f", {middle}, rounded away from the other side"
        text += ", but no further than that side" if more and fact.limit == best[1] else ""
    else:
        text += f", with the best {best_word(order.side)} that is shown and no peg's, {price_text(best[0])}{more}"
    if order.peg_limit is not None:
        text += f", but not beyond its own {euro_text(order.peg_limit)}"
    rules = (rule,) if not more else (rule, "OTY-21")
    yield Line(rules, f"{text}; it is last in the queue there.", fact.account)


def refreshed(fact: Refreshed, scene: Scene) -> Iterator[Line]:
    """Yield that an iceberg shows a new peak."""
    order, listing = scene.orders.get(fact.order_id), scene.listing(fact.symbol)
    style = "" if listing is None else f" ({listing.rules.iceberg.value})"
    shown = 0 if order is None else order.visible
    text = (
        f"{scene.named(fact.account, fact.cl_ord_id)} showed {shown:,} of {fact.leaves:,}; it shows "
        f"{fact.visible:,} now, last in the queue{style}."
    )
    yield Line(("OTY-08",), text, fact.account)
