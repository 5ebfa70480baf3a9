"""The form of an order, against its instrument: checks that need no book."""

from typing import Final, NamedTuple

from stockex.core.matching.order import Order
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import OrdType, Phase, TimeInForce
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import (
    AMOUNTS,
    DEFAULT_RULES,
    MarketRemainder,
    MarketRules,
    ReplaceBelowFilled,
    ReplaceQty,
)
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.tick_tables import Grid, fault_in
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY, Nanos, Price, Shares, euro_text, seconds_text

Refusal = tuple[RejectReason, str]
"""Why, and the figures that decided."""

_BEGINNING: Final = Nanos(0)


class Moment(NamedTuple):
    """When a command comes: in which phase of its instrument, and at what time."""

    phase: Phase = Phase.CONTINUOUS
    now: Nanos = _BEGINNING


USUAL: Final = Moment()
"""Continuous trading, and nothing has expired."""


def new_order_refusal(
    order: NewOrder,
    instrument: Instrument,
    *,
    grid: Grid | None = None,
    phase: Phase = Phase.CONTINUOUS,
    now: Nanos = _BEGINNING,
) -> Refusal | None:
    """Return the first rule that the form of a new order breaks (VAL-04 to VAL-14, AUC-01), or None.

    `grid` holds the valid prices, the multiples of the instrument's tick unless it is given. `phase` is the
    instrument's: a call takes other times in force than continuous trading.
    """
    grid = Grid(instrument.tick) if grid is None else grid
    found = quantity_refusal(order.qty, instrument) or _limit_refusal(order, grid)
    if found is not None:
        return found
    is_limit = order.ord_type is OrdType.LIMIT
    if not is_limit or order.stop is not None or order.trail is not None or order.peg_offset is not None:
        found = _stop_refusal(order, grid) or _trail_refusal(order) or peg_offset_refusal(order, order)
        if found is not None:
            return found
    if order.post_only and (order.ord_type is not OrdType.LIMIT or not order.tif.rests):
        return RejectReason.POST_ONLY_CONFLICT, f"{order.ord_type.value} {order.tif.value} order"
    if not _is_plain(order):
        found = _shown_refusal(order, instrument) or _combination_refusal(order)
        if found is not None:
            return found
    found = _tif_refusal(order, phase)
    if found is None and (order.tif.is_timed or order.expire_at is not None):
        return _expiry_refusal(order.expire_at, order.tif, now=now)
    return found


def _is_plain(order: NewOrder) -> bool:
    """Say whether it is a limit order that shows all and asks for nothing else."""
    is_shown = order.display is None and order.min_visible is None and not order.hidden
    has_minimum = order.min_exec is not None or order.cancel_below_min
    return order.ord_type is OrdType.LIMIT and is_shown and not has_minimum and order.min_qty is None


def _limit_refusal(order: NewOrder, grid: Grid) -> Refusal | None:
    """Return the rule that the limit breaks: whether there must be one depends on the type (VAL-06)."""
    if order.limit is None and not order.ord_type.is_limit:
        return None
    if order.limit is not None and not order.ord_type.is_limit and not order.ord_type.is_peg:
        kind = order.ord_type.value.lower().replace("_", "-")
        return RejectReason.PRICE_NOT_ALLOWED, f"price {euro_text(order.limit)} on a {kind} order"
    return price_refusal(order.limit, grid)


def _stop_refusal(order: NewOrder, grid: Grid) -> Refusal | None:
    """Return the rule that the stop price breaks (VAL-09), or None."""
    if not order.ord_type.is_stop:
        if order.stop is None:
            return None
        return RejectReason.STOP_NOT_ALLOWED, f"stop price {euro_text(order.stop)} on a {order.ord_type.value} order"
    if order.stop is not None:
        return _stop_price_refusal(order.stop, grid)
    return None if order.ord_type.is_trailing else (RejectReason.STOP_MISSING, "no stop price")


def _trail_refusal(order: NewOrder) -> Refusal | None:
    """Return the rule that the distance of a trailing stop breaks (VAL-15), or None."""
    if order.trail is None:
        return (RejectReason.TRAIL_MISSING, "no trail") if order.ord_type.is_trailing else None
    return _distance_refusal(order.trail, order.ord_type)


def _distance_refusal(trail: Price, kind: OrdType) -> Refusal | None:
    if not kind.is_trailing:
        return RejectReason.TRAIL_NOT_ALLOWED, f"trail {euro_text(trail)} on a {kind.value} order"
    if not 0 < trail <= MAX_PRICE:
        return RejectReason.BAD_TRAIL, f"trail {euro_text(trail)}, at most {euro_text(MAX_PRICE)}"
    return None


def peg_offset_refusal(command: NewOrder | ReplaceOrder, order: NewOrder | Order) -> Refusal | None:
    """Return the rule that the offset of a peg breaks (VAL-19), or None. `order` is the one that is to have it."""
    offset, kind = command.peg_offset, order.ord_type
    if offset is None:
        return None
    if not kind.is_peg:
        return RejectReason.PEG_OFFSET_NOT_ALLOWED, f"offset {euro_text(offset)} on a {kind.value} order"
    if abs(offset) > MAX_PRICE:
        return RejectReason.BAD_PEG_OFFSET, f"offset {euro_text(offset)}, at most {euro_text(MAX_PRICE)}"
    if kind is OrdType.PEG_PRIMARY and offset * order.side.sign > 0:
        edge = "at most" if order.side.is_buy else "at least"
        return RejectReason.BAD_PEG_OFFSET, f"offset {euro_text(offset)} to {order.side.value.lower()}, {edge} 0.00"
    return None


def _stop_price_refusal(stop: Price, grid: Grid) -> Refusal | None:
    found = price_refusal(stop, grid)
    return None if found is None else (RejectReason.BAD_STOP, f"stop {found[1]}")


def _shown_refusal(order: NewOrder, instrument: Instrument) -> Refusal | None:
    """Return the rule that a display quantity or a minimum breaks (VAL-10, VAL-11), or None."""
    if order.display is not None:
        if not 0 < order.display <= order.qty:
            return RejectReason.BAD_DISPLAY, f"display {order.display}, quantity {order.qty}"
        if order.display % instrument.lot != 0:
            return RejectReason.DISPLAY_OFF_LOT, f"display {order.display}, lot {instrument.lot}"
    if order.min_visible is not None and not 0 < order.min_visible <= (order.display or 0):
        return RejectReason.BAD_MIN_VISIBLE, f"minimum visible {order.min_visible}, display {order.display}"
    if order.min_exec is not None and not 0 < order.min_exec <= order.qty:
        return RejectReason.BAD_MIN_EXEC, f"minimum {order.min_exec}, quantity {order.qty}"
    if order.min_qty is not None and not 0 < order.min_qty <= order.qty:
        return RejectReason.BAD_MIN_QTY, f"minimum quantity {order.min_qty}, quantity {order.qty}"
    return None


def _combination_refusal(order: NewOrder) -> Refusal | None:
    """Return the rule that the terms break together (VAL-12), or None."""
    kind, tif = order.ord_type, order.tif
    shows_less = order.display is not None or order.hidden or order.min_exec is not None
    wrong = {
        "display with hidden": order.display is not None and order.hidden,
        "display with a minimum": order.display is not None and order.min_exec is not None,
        "cancel below no minimum": order.cancel_below_min and order.min_exec is None,
        f"display, hidden or minimum on {kind.value}": shows_less and not (kind.is_limit or kind.is_peg),
        f"minimum quantity on {kind.value}": order.min_qty is not None and (kind.is_peg or kind.is_stop),
        "minimum quantity with post-only": order.min_qty is not None and order.post_only,
        f"minimum quantity {tif.value}": order.min_qty is not None and tif is TimeInForce.AT_CLOSE,
        f"display on {kind.value}": order.display is not None and kind.is_peg,
        f"{kind.value} {tif.value}": (kind.is_peg and not tif.is_standing) or (kind.is_stop and tif.is_for_auction),
    }
    found = [text for text, is_wrong in wrong.items() if is_wrong]
    return (RejectReason.UNSUPPORTED_COMBINATION, found[0]) if found else None


def _tif_refusal(order: NewOrder, phase: Phase) -> Refusal | None:
    """Return why the time in force does not go with the phase (VAL-13, VAL-17), or None."""
    if order.tif is TimeInForce.GFA and not phase.gathers:
        return RejectReason.NEEDS_CALL, f"phase {phase.value}"
    if phase.gathers and not order.tif.rests:
        return RejectReason.NOT_IN_CALL, f"{order.tif.value} order"
    if phase.gathers and order.min_qty is not None:
        return RejectReason.NOT_IN_CALL, f"minimum quantity {order.min_qty}"
    if order.tif is TimeInForce.AT_OPEN and phase is not Phase.PRE_OPEN and phase is not Phase.OPENING_CALL:
        return RejectReason.NEEDS_OPENING, f"phase {phase.value}"
    if order.tif is TimeInForce.AT_CLOSE and phase is Phase.TRADING_AT_LAST:
        return RejectReason.CLOSE_IS_PAST, f"phase {phase.value}"
    return None


def _expiry_refusal(expire_at: Nanos | None, tif: TimeInForce, *, now: Nanos) -> Refusal | None:
    """Return why an order may not have this instant of expiry (VAL-14), or None."""
    if expire_at is None:
        return RejectReason.EXPIRY_MISSING, f"no expiry on a {tif.value} order"
    if not tif.is_timed:
        return RejectReason.EXPIRY_NOT_ALLOWED, f"expiry {seconds_text(expire_at)} on a {tif.value} order"
    if expire_at <= now:
        return RejectReason.BAD_EXPIRY, f"expiry {seconds_text(expire_at)}, now {seconds_text(now)}"
    return None


def replacement_refusal(
    command: ReplaceOrder,
    instrument: Instrument,
    *,
    order: Order,
    rules: MarketRules = DEFAULT_RULES,
    moment: Moment = USUAL,
) -> Refusal | None:
    """Return the first rule that the new terms of an open order break (REP-03, REP-08 to REP-13), or None."""
    grid = Grid(instrument.tick, rules.tick_table)
    cancels = rules.replace_below_filled is ReplaceBelowFilled.CANCELS
    if command.qty is not None and not (cancels and command.qty == 0):
        found = quantity_refusal(command.qty, instrument)
        if found is not None:
            return found
    found = _new_prices_refusal(command, order, grid=grid) or _min_exec_refusal(command, order)
    if found is None and command.min_qty is not None:
        filled = order.cum if rules.replace_qty is ReplaceQty.TOTAL else 0
        open_qty = order.leaves if command.qty is None else command.qty - filled
        found = _min_qty_refusal(command.min_qty, order, open_qty=open_qty, phase=moment.phase)
    if found is None and command.expire_at is not None:
        found = _expiry_refusal(command.expire_at, order.tif, now=moment.now)
    return found or _below_filled_refusal(command, order, rules=rules)


def _new_prices_refusal(command: ReplaceOrder, order: Order, *, grid: Grid) -> Refusal | None:
    """Return the first rule that a new limit, stop, distance or offset breaks (REP-09, REP-11, REP-12), or None."""
    if command.limit is not None:
        if order.terms_limit is None and not order.ord_type.is_peg:
            return RejectReason.PRICE_NOT_ALLOWED, f"price {euro_text(command.limit)} on an order without one"
        found = price_refusal(command.limit, grid)
        if found is not None:
            return found
    if command.stop is not None:
        if not order.ord_type.is_stop:
            return RejectReason.STOP_NOT_ALLOWED, f"stop price {euro_text(command.stop)} on an order that has none"
        found = _stop_price_refusal(command.stop, grid)
        if found is not None:
            return found
    found = None if command.trail is None else _distance_refusal(command.trail, order.ord_type)
    return found or peg_offset_refusal(command, order)


def _min_qty_refusal(min_qty: Shares, order: Order, *, open_qty: int, phase: Phase) -> Refusal | None:
    """Return why an order that comes in anew may not ask for this minimum quantity (REP-13), or None."""
    if not 0 < min_qty <= open_qty:
        return RejectReason.BAD_MIN_QTY, f"minimum quantity {min_qty}, to be open {open_qty}"
    if order.ord_type.is_peg or order.ord_type.is_stop or order.post_only or order.tif is TimeInForce.AT_CLOSE:
        kind = "post-only" if order.post_only else f"{order.ord_type.value} {order.tif.value}"
        return RejectReason.UNSUPPORTED_COMBINATION, f"minimum quantity on a {kind} order"
    return (RejectReason.NOT_IN_CALL, f"minimum quantity {min_qty}") if phase.gathers else None


def _min_exec_refusal(command: ReplaceOrder, order: Order) -> Refusal | None:
    if command.min_exec is None:
        return None
    if order.min_exec is None:
        return RejectReason.UNSUPPORTED_COMBINATION, f"minimum {command.min_exec} on an order without one"
    qty = order.qty if command.qty is None else command.qty
    if not 0 < command.min_exec <= qty:
        return RejectReason.BAD_MIN_EXEC, f"minimum {command.min_exec}, quantity {qty}"
    return None


def _below_filled_refusal(command: ReplaceOrder, order: Order, *, rules: MarketRules) -> Refusal | None:
    is_total = rules.replace_qty is ReplaceQty.TOTAL
    is_refused = rules.replace_below_filled is ReplaceBelowFilled.REFUSE
    if is_total and is_refused and command.qty is not None and command.qty <= order.cum:
        return RejectReason.BELOW_FILLED, f"new quantity {command.qty}, filled {order.cum}"
    return None


def rules_refusal(rules: MarketRules) -> Refusal | None:
    """Return why no market can have these settings (REF-03), or None."""
    needs_collar = rules.market_remainder is MarketRemainder.RESTS_AT_COLLAR
    if needs_collar and (rules.market_collar is None or rules.market_collar <= 0):
        return RejectReason.BAD_RULES, "rests_at_collar needs a market_collar above zero"
    if not rules.auction_ladder:
        return RejectReason.BAD_RULES, "the auction ladder has no step"
    fault = fault_in(rules.tick_table)
    if fault is not None:
        return RejectReason.BAD_RULES, f"tick table: {fault}"
    return _amount_refusal(rules)


def _amount_refusal(rules: MarketRules) -> Refusal | None:
    for name, most in AMOUNTS.items():
        amount = getattr(rules, name)
        if amount is not None and not 0 < amount <= most:
            return RejectReason.BAD_RULES, f"{name} is above zero and at most {most}"
    if rules.interruption_random_s is not None and rules.interruption_s is None:
        return RejectReason.BAD_RULES, "interruption_random_s needs interruption_s"
    return None


def quantity_refusal(qty: Shares, instrument: Instrument) -> Refusal | None:
    """Return the rule that a quantity breaks (VAL-04, VAL-05), or None."""
    if qty <= 0:
        return RejectReason.BAD_QUANTITY, f"quantity {qty}"
    if qty > MAX_QTY:
        return RejectReason.QUANTITY_TOO_LARGE, f"quantity {qty}, at most {MAX_QTY}"
    if qty % instrument.lot != 0:
        return RejectReason.ODD_LOT, f"quantity {qty}, lot {instrument.lot}"
    return None


def price_refusal(price: Price | None, grid: Grid) -> Refusal | None:
    """Return the rule that a limit breaks (VAL-06, VAL-07), or None."""
    if price is None:
        return RejectReason.PRICE_MISSING, "no price"
    if price <= 0:
        return RejectReason.BAD_PRICE, f"price {euro_text(price)}"
    if price > MAX_PRICE:
        return RejectReason.PRICE_TOO_HIGH, f"price {euro_text(price)}, at most {euro_text(MAX_PRICE)}"
    if not grid.has(price):
        return RejectReason.OFF_TICK, f"price {euro_text(price)}, tick {euro_text(grid.tick_at(price))}"
    return None
