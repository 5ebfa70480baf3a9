"""Why an order was taken, refused, replaced or triggered."""

from collections.abc import Iterator

from stockex.core.market.listing import Listing
from stockex.core.matching.continuous import cost_to_fill
from stockex.core.matching.order import Order
from stockex.core.why.scene import Scene
from stockex.core.why.words import Line, cash_text, ordinal, price_text, shares_text
from stockex.messages.executions import Accepted, Rejected, Replaced, Rested, StopMoved, Triggered
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.market_rules import ReplacePriority, StopElection
from stockex.vocabulary.reasons import RULES, RejectReason
from stockex.vocabulary.units import euro_text


def rejected(fact: Rejected, scene: Scene) -> Iterator[Line]:
    """Yield the rule that was broken first, with the figures, and what the account had where that decided."""
    rule = RULES[fact.reason]
    yield Line((fact.rule,), f"Refused, {fact.reason.value}: {rule.sentence} {_sentence(fact.text)}", fact.account)
    balance = scene.limited(fact.account)
    if balance is None:
        return
    if fact.reason is RejectReason.INSUFFICIENT_CASH:
        text = f"The account has {cash_text(balance.cash)}, of which open orders hold {cash_text(balance.held_cash)}."
        yield Line(("RSK-01",), text, fact.account)
    elif fact.reason is RejectReason.INSUFFICIENT_SHARES:
        has, held = balance.shares.get(fact.symbol or "", 0), balance.held_shares.get(fact.symbol or "", 0)
        text = f"The account has {shares_text(has)} of {fact.symbol}, of which open orders hold {held:,}."
        yield Line(("RSK-02",), text, fact.account)


def _sentence(figures: str) -> str:
    """Return figures as a sentence."""
    return f"{figures[:1].upper()}{figures[1:]}."


def accepted(fact: Accepted, scene: Scene) -> Iterator[Line]:
    """Yield how the order is covered, and for what it waits where it does not come into the book at once."""
    name = scene.named(fact.account, fact.cl_ord_id)
    balance = scene.limited(fact.account)
    if balance is None:
        text = f"{name} keeps all rules. Its account has had no deposit and trades without limits: nothing is held."
        yield Line(("ACC-03",), text, fact.account)
    elif fact.oco_id is not None:
        yield _paid_together(fact, scene, name=name)
    elif fact.side is Side.SELL:
        free = balance.free_shares(fact.symbol)
        text = f"{name} keeps all rules and holds {fact.qty:,} of {free:,} free {fact.symbol} shares while it is open."
        yield Line(("RSK-02",), f"{text} {free - fact.qty:,} stay free.", fact.account)
    else:
        yield _paid(fact, scene, name=name, free=balance.free_cash)
    if fact.oco_id is not None:
        text = (
            f"{name} is tied to {_other_leg(fact, scene)}: once one of them trades, is triggered or ends, the other is"
        )
        yield Line(("OTY-20",), f"{text} cancelled.", fact.account)
    yield from _waits(fact, scene, name=name)


def _other_leg(fact: Accepted, scene: Scene) -> str:
    other = None if fact.oco_id is None else scene.orders.get(fact.oco_id)
    return "its other leg" if other is None else scene.name(other)


def _waits(fact: Accepted, scene: Scene, *, name: str) -> Iterator[Line]:
    """Say for what the order waits outside the book."""
    if fact.stop is not None and not scene.comes(Triggered, fact.order_id):
        listing = scene.listing(fact.symbol)
        last = None if listing is None else listing.last
        edge = "or more" if fact.side is Side.BUY else "or less"
        known = "there is no last price yet" if last is None else f"it is {euro_text(last)}"
        text = f"{name} waits outside the book for a last price of {euro_text(fact.stop)} {edge}; {known}."
        yield Line(("OTY-05",), text, fact.account)
    elif fact.ord_type.is_trailing and fact.stop is None:
        text = f"{name} waits outside the book; there is no last price yet from which its stop could follow."
        yield Line(("OTY-17",), text, fact.account)
    elif fact.tif is TimeInForce.AT_CLOSE and not scene.comes(Rested, fact.order_id):
        text = f"{name} waits outside the book until the closing call begins."
        yield Line(("OTY-19",), text, fact.account)
    elif fact.ord_type.is_peg and not scene.comes(Rested, fact.order_id):
        rule = "OTY-13" if fact.ord_type is OrdType.PEG_MID else "OTY-12"
        text = f"{name} waits outside the book, as there is no price now that it may follow."
        yield Line((rule,), text, fact.account)


def _paid_together(fact: Accepted, scene: Scene, *, name: str) -> Line:
    """Say what one leg of a pair holds beyond what the other holds already."""
    unit = 1 if fact.side is Side.SELL else (fact.limit if fact.cap is None else fact.cap) or 0
    more = scene.accounts.growth(fact.order_id, amount=unit * fact.qty, oco=fact.oco_id)
    balance = scene.accounts.balance(fact.account)
    free = balance.free_cash if fact.side is Side.BUY else balance.free_shares(fact.symbol)
    shown = cash_text if fact.side is Side.BUY else shares_text
    text = (
        f"{name} keeps all rules. With {_other_leg(fact, scene)} it holds what the dearer of the two needs: "
        f"{shown(more)} more, of {shown(free)} free."
    )
    return Line(("RSK-07",), text, fact.account)


def _paid(fact: Accepted, scene: Scene, *, name: str, free: int) -> Line:
    """Say what covers a buy."""
    unit = fact.limit if fact.cap is None else fact.cap
    if unit is None:
        listing = scene.listing(fact.symbol)
        cost = 0 if listing is None else _cost(fact, listing)
        text = (
            f"{name} keeps all rules and holds nothing: in the book as it stands its {fact.qty:,} would cost "
            f"{cash_text(cost)}, and {cash_text(free)} are free."
        )
        return Line(("RSK-03",), text, fact.account)
    need = fact.qty * unit
    held = (
        f"holds {cash_text(need)} ({fact.qty:,} x {euro_text(unit)}) of {cash_text(free)} free while it is open. "
        f"{cash_text(free - need)} stay free."
    )
    if fact.cap is None:
        return Line(("RSK-01",), f"{name} keeps all rules and {held}", fact.account)
    text = (
        f"{name} has no limit and may wait, so it is covered at its cap {euro_text(unit)}, 110 % of the last, "
        f"reference or stop price, and never pays more in continuous trading: it {held}"
    )
    return Line(("RSK-06",), text, fact.account)


def _cost(fact: Accepted, listing: Listing) -> int:
    order = Order(
        fact.order_id,
        fact.account,
        fact.cl_ord_id,
        fact.symbol,
        fact.side,
        fact.qty,
        0,
        None,
        fact.ord_type,
        fact.tif,
        post_only=False,
        self_trade=fact.self_trade,
    )
    return cost_to_fill(listing.book, order, conditions=listing.conditions)


def stop_moved(fact: StopMoved, scene: Scene) -> Iterator[Line]:
    """Yield how far a trailing stop keeps from the last price."""
    order = scene.orders.get(fact.order_id)
    trail = "its distance" if order is None or order.trail is None else euro_text(order.trail)
    where = "below" if fact.side is Side.SELL else "above"
    name = scene.named(fact.account, fact.cl_ord_id)
    text = f"{name} follows the last price at {trail} {where} it: its stop is {euro_text(fact.stop)} now."
    yield Line(("OTY-17",), text, fact.account)


def triggered(fact: Triggered, scene: Scene) -> Iterator[Line]:
    """Yield which price reached the stop, and whose turn it was."""
    order = scene.orders.get(fact.order_id)
    name = scene.named(fact.account, fact.cl_ord_id)
    if order is None or order.stop is None:
        yield Line(("OTY-05",), f"The last price {euro_text(fact.last)} reached the stop of {name}.", fact.account)
        return
    reach = "at or above" if fact.side is Side.BUY else "at or below"
    is_new = order is scene.incoming
    found = next(
        (
            (price, trade_id)
            for symbol, price, trade_id in scene.prices
            if symbol == fact.symbol and fact.side.opposite.accepts(order.stop, price)
        ),
        (fact.last, ""),
    )
    by = f"trade {found[1]} at {euro_text(found[0])}" if found[1] else f"the last price {euro_text(found[0])}"
    when = "had reached it already when it came in" if is_new else "reached it"
    kind = order.ord_type.when_reached.value.lower()
    text = f"{name} waited for a price {reach} {euro_text(order.stop)}; {by} {when}. It is a {kind} order now."
    yield Line(("OTY-05",), text, fact.account)
    rivals = [other for other in scene.facts if isinstance(other, Triggered) and other.symbol == fact.symbol]
    listing = scene.listing(fact.symbol)
    if len(rivals) > 1 and not is_new and listing is not None:
        is_fifo = listing.rules.stop_election is StopElection.FIRST_IN_FIRST_OUT
        turn = "the oldest first" if is_fifo else "the one furthest from the last price first"
        place = ordinal(rivals.index(fact) + 1)
        text = f"{name} is the {place} of {len(rivals)} stops: {turn}, each when the one before is done."
        yield Line(("OTY-06", "OTY-07"), text, fact.account)


def replaced(fact: Replaced, scene: Scene) -> Iterator[Line]:
    """Yield what changed, whether the order kept its place and why, and what it is covered by now."""
    order, listing = scene.orders.get(fact.order_id), scene.listing(fact.symbol)
    old, new = scene.named(fact.account, fact.orig_cl_ord_id), scene.named(fact.account, fact.cl_ord_id)
    if order is None or listing is None:
        yield Line(("REP-01",), f"{old} has new terms.", fact.account)
        return
    changes = list(_changes(fact, order))
    what = " and ".join(changes) if changes else "nothing changed"
    if fact.kept_place:
        grows = fact.leaves > order.leaves
        why = (
            "it is the hidden part of an iceberg that changed"
            if grows
            else "no price changed and the quantity did not rise"
        )
        rule = "REP-07" if grows else "REP-09" if fact.min_exec != order.min_exec else "REP-01"
        yield Line((rule,), f"{old}: {what}; it keeps its place, as {why}.", fact.account)
    elif listing.rules.replace is ReplacePriority.ALWAYS_TO_BACK:
        text = f"{old}: {what}; on this market every replacement loses the place: it comes in anew."
        yield Line(("REP-07",), text, fact.account)
    else:
        yield Line((_rule_of(fact, order),), f"{old}: {what}; so it loses its place and comes in anew.", fact.account)
    if fact.cl_ord_id != fact.orig_cl_ord_id:
        yield Line(("REP-06",), f"{old} is called {new} from now on.", fact.account)
    yield from _cover(fact, scene, name=new)


def _rule_of(fact: Replaced, order: Order) -> str:
    """Return the rule by which an order with these new terms comes in anew."""
    if fact.min_qty is not None:
        return "REP-13"
    if fact.trail is not None:
        return "REP-12"
    if fact.stop != order.stop:
        return "REP-09"
    return "REP-11" if fact.peg_offset != order.peg_offset else "REP-02"


def _changes(fact: Replaced, order: Order) -> Iterator[str]:
    if fact.leaves != order.leaves:
        yield f"what is open goes from {order.leaves:,} to {fact.leaves:,}"
    if fact.limit != order.terms_limit:
        yield f"its price from {price_text(order.terms_limit)} to {price_text(fact.limit)}"
    if fact.stop != order.stop:
        yield f"its stop price from {price_text(order.stop)} to {price_text(fact.stop)}"
    if fact.trail is not None:
        yield f"its distance from {price_text(order.trail)} to {euro_text(fact.trail)}"
    if fact.min_qty is not None:
        yield f"at least {fact.min_qty:,} are to trade at once"
    if fact.peg_offset != order.peg_offset:
        yield f"its offset from {euro_text(order.peg_offset or 0)} to {euro_text(fact.peg_offset or 0)}"
    if fact.min_exec != order.min_exec:
        yield f"its minimum from {order.min_exec} to {fact.min_exec}"


def _cover(fact: Replaced, scene: Scene, *, name: str) -> Iterator[Line]:
    hold, balance = scene.accounts.holds.get(fact.order_id), scene.limited(fact.account)
    if hold is None or balance is None:
        return
    unit = hold.unit if fact.side is Side.SELL or fact.limit is None else fact.limit
    more = scene.accounts.growth(fact.order_id, amount=unit * fact.leaves, oco=hold.oco)
    free = balance.free_cash if fact.side is Side.BUY else balance.free_shares(fact.symbol)
    shown = cash_text if fact.side is Side.BUY else shares_text
    change = f"{shown(more)} more, of {shown(free)} free" if more > 0 else f"{shown(-more)} less"
    yield Line(("RSK-05",), f"{name} holds {change}.", fact.account)
