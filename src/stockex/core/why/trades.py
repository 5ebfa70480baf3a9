"""Why two orders traded with each other, and why at that price."""

from collections.abc import Iterator

from stockex.core.market.listing import Listing
from stockex.core.matching.order import Order
from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, best_word, cash_text, counted, price_text
from stockex.messages.executions import Fill, TradeBusted, TradeCorrected, Traded
from stockex.vocabulary.enums import Phase, Side
from stockex.vocabulary.market_rules import UnpricedTradesAt
from stockex.vocabulary.units import euro_text


def undone(fact: TradeBusted | TradeCorrected, _scene: Scene) -> Iterator[Line]:
    """Yield what became of a trade."""
    said = f" The operator says: {fact.text}." if fact.text else ""
    what = f"{fact.qty:,} {fact.symbol} at {euro_text(fact.price)}"
    if isinstance(fact, TradeBusted):
        text = f"Trade {fact.trade_id}, {what}, was undone: cash and shares went back, the orders stay as they are."
        yield Line(("CTL-08", "CTL-11"), f"{text}{said}")
    else:
        was = f"{fact.old_qty:,} at {euro_text(fact.old_price)}"
        text = f"Trade {fact.trade_id} counts as {what} instead of {was}: the difference in cash and shares moved."
        yield Line(("CTL-09", "CTL-11"), f"{text}{said}")


def traded(fact: Traded, scene: Scene) -> Iterator[Line]:
    """Yield why this trade: in the open the order and the price, to each owner what is his."""
    buyer, seller = scene.orders.get(fact.buy.order_id), scene.orders.get(fact.sell.order_id)
    listing = scene.listing(fact.symbol)
    if buyer is None or seller is None or listing is None:
        yield Line(("TRD-03",), f"{fact.qty:,} traded at {euro_text(fact.price)}.")
        return
    incoming, resting = (buyer, seller) if fact.aggressor is Side.BUY else (seller, buyer)
    if listing.phase.gathers:
        yield _in_auction(fact, scene)
    elif listing.phase is Phase.TRADING_AT_LAST:
        yield Line(("AUC-10",), f"Trading at last: all trades are at the closing price {euro_text(fact.price)}.")
    elif not scene.is_incoming(incoming):
        yield _met(fact, scene, younger=incoming, older=resting)
    else:
        yield _chosen(resting, listing, scene=scene)
        yield _priced(fact, listing, scene=scene, resting=resting)
        yield from _gained(fact, scene, incoming=incoming)
    yield from _released(fact, scene, buyer=buyer)


def _name(fill: Fill, scene: Scene) -> str:
    return scene.named(fill.account, fill.cl_ord_id)


def _in_auction(fact: Traded, scene: Scene) -> Line:
    return Line(
        ("AUC-03",),
        f"{_name(fact.buy, scene)} and {_name(fact.sell, scene)} were next on their sides: by price, then time, "
        f"unpriced orders first. The price is the auction's, {euro_text(fact.price)}.",
    )


def _met(fact: Traded, scene: Scene, *, younger: Order, older: Order) -> Line:
    return Line(
        ("OTY-11",),
        f"{scene.name(younger)} and {scene.name(older)} both rested and were kept apart until now, by a minimum, "
        "for want of a price, or as a peg was elsewhere; they trade as soon as they can, at the price of the older "
        f"one, {euro_text(fact.price)}.",
    )


def _chosen(resting: Order, listing: Listing, *, scene: Scene) -> Line:
    """Say why it was this resting order's turn."""
    name, side = scene.name(resting), resting.side
    if resting.limit is None:
        text = f"{name} rested without a price; such orders come before every price, the oldest of them first."
        return Line(("OTY-03", "TRD-02"), text)
    ahead = _ahead(resting, listing)
    best = next(
        order.price
        for order in listing.book.queue(side)
        if order is resting or (order.limit is not None and order.visible > 0)
    )
    at = f"{name} stood at {euro_text(resting.price)}"
    if resting.price != best:
        return Line(
            ("OTY-10",), f"{at}; better prices were passed over, as a minimum execution kept them from trading."
        )
    at += f", the best {best_word(side)}"
    if resting.hidden:
        text = "nothing that is shown was left there to trade with, and of hidden orders the oldest is first"
        return Line(("TRD-01", "OTY-09"), f"{at}; {text}.")
    if any(order.visible > 0 for order in ahead):
        text = "an older one there was passed over, as a minimum execution or its owner kept it from trading"
        return Line(("TRD-01", "OTY-10"), f"{at}; {text}.")
    if resting.visible == 0:
        text = "all that is shown there had traded, and the hidden rest of icebergs follows by age"
        return Line(("TRD-01", "OTY-08"), f"{at}; {text}.")
    shown = sum(order.visible > 0 for order in listing.book.queue(side) if order.limit == resting.limit)
    if shown == 1:
        return Line(("TRD-01",), f"{at}, and was the only order shown there.")
    return Line(
        ("TRD-01", "TRD-02"), f"{at}, first in the queue there, ahead of {counted(shown - 1, 'other order')} shown."
    )


def _ahead(resting: Order, listing: Listing) -> list[Order]:
    """Return the orders at the same price that stand before it in the queue."""
    found = []
    for order in listing.book.queue(resting.side):
        if order is resting:
            break
        if order.limit == resting.limit:
            found.append(order)
    return found


def _priced(fact: Traded, listing: Listing, *, scene: Scene, resting: Order) -> Line:
    """Say why the trade was at this price."""
    price, name = euro_text(fact.price), scene.name(resting)
    if resting.limit is not None:
        return Line(("TRD-03",), f"The price is {price}, the limit of {name}, which rested.")
    if resting.cap is not None and resting.cap == fact.price:
        return Line(("OTY-03", "RSK-06"), f"The price is {price}, above which {name} may not trade.")
    if listing.rules.unpriced_trades_at is UnpricedTradesAt.INCOMING_LIMIT:
        text = f"With incoming_limit the price is the limit of the incoming order, or without one the last: {price}."
        return Line(("OTY-03",), text)
    own = listing.book.best_limit(resting.side)
    if fact.price not in {own, listing.known_price}:
        source = "the limit of the incoming order, better for it than the other two"
    else:
        source = "the best of these for the incoming order"
    known = f"last or reference price {price_text(listing.known_price)}"
    best = f"best {best_word(resting.side)} {price_text(own)}"
    return Line(("OTY-03",), f"{name} has no price: {known}, {best}. The price is {price}, {source}.")


def _gained(fact: Traded, scene: Scene, *, incoming: Order) -> Iterator[Line]:
    """Tell the owner of the incoming order how much better than its limit the price was."""
    if incoming.limit is None:
        return
    gain = incoming.side.sign * (incoming.limit - fact.price)
    more = f", {euro_text(gain)} a share better, which is its owner's gain" if gain > 0 else ", just the price"
    text = f"The limit of {scene.name(incoming)} was {euro_text(incoming.limit)}{more}."
    yield Line(("TRD-03",), text, incoming.account)


def _released(fact: Traded, scene: Scene, *, buyer: Order) -> Iterator[Line]:
    """Tell a buyer what is free again because he paid less than his order held."""
    hold = scene.accounts.holds.get(buyer.order_id)
    if hold is None or hold.oco is not None or hold.unit <= fact.price or scene.limited(buyer.account) is None:
        return
    freed = cash_text((hold.unit - fact.price) * fact.qty)
    text = (
        f"{scene.name(buyer)} held {euro_text(hold.unit)} for each share and paid {euro_text(fact.price)}: "
        f"{freed} are free again."
    )
    yield Line(("RSK-04",), text, buyer.account)
