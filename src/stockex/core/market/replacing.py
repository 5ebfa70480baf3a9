"""Replacing: new terms for an open order."""

from typing import NamedTuple

from stockex.core.market.listing import Listing
from stockex.core.market.trading import enter
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.messages.executions import Replaced
from stockex.messages.orders import ReplaceOrder
from stockex.vocabulary.market_rules import Iceberg, MarketRules, ReplacePriority, ReplaceQty
from stockex.vocabulary.units import Nanos, Price, Shares


class Terms(NamedTuple):
    """What an order asks for, after its replacement: what is to be open, its prices, and when it expires."""

    leaves: int
    limit: Price | None
    stop: Price | None
    min_exec: int | None
    expire_at: Nanos | None
    peg_offset: Price | None
    trail: Price | None
    min_qty: int | None


def new_terms(order: Order, command: ReplaceOrder, *, listing: Listing) -> Terms:
    """Return the terms that the replacement asks for; what it leaves out stays (REP-04)."""
    if command.qty is None:
        leaves = order.leaves
    else:
        leaves = command.qty if listing.rules.replace_qty is ReplaceQty.OPEN else command.qty - order.cum
    stop = order.stop if command.stop is None else command.stop
    trail = order.trail if command.trail is None else command.trail
    if trail is not None and trail != order.trail and command.stop is None and listing.last is not None:
        stop = listing.stop_at(trail, listing.last, side=order.side)
    return Terms(
        leaves,
        order.terms_limit if command.limit is None else command.limit,
        stop,
        order.min_exec if command.min_exec is None else command.min_exec,
        order.expire_at if command.expire_at is None else command.expire_at,
        order.peg_offset if command.peg_offset is None else command.peg_offset,
        trail,
        command.min_qty,
    )


def keeps_place(order: Order, terms: Terms, *, rules: MarketRules) -> bool:
    """Say whether an order with these new terms stays where it is (REP-01, REP-07, REP-13)."""
    prices = (order.terms_limit, order.stop, order.peg_offset, order.trail)
    if (terms.limit, terms.stop, terms.peg_offset, terms.trail) != prices or terms.min_qty is not None:
        return False
    if rules.replace is ReplacePriority.ALWAYS_TO_BACK:
        return False
    is_hidden_part = order.display is not None and rules.iceberg is Iceberg.REFRESH_BELOW_MINIMUM
    return terms.leaves <= order.leaves or is_hidden_part


def change(order: Order, terms: Terms, *, listing: Listing, new_id: str | None, scribe: Scribe) -> None:
    """Give an open order its terms, where it stands or as an incoming order (REP-01, REP-02, REP-06)."""
    is_kept = keeps_place(order, terms, rules=listing.rules)
    is_outside = order.ord_type.is_stop or order.for_close or (order.ord_type.is_peg and order.limit is None)
    if not is_kept:
        listing.take_out(order)
    if is_kept and not is_outside:
        listing.book.reduce(order, order.leaves - terms.leaves)
    order.leaves, order.stop, order.min_exec = terms.leaves, terms.stop, terms.min_exec
    new_trail = None if terms.trail == order.trail else terms.trail
    order.trail, order.min_qty = terms.trail, terms.min_qty
    if order.ord_type.is_peg:
        order.peg_limit, order.peg_offset = terms.limit, terms.peg_offset
    elif not is_kept:
        order.limit = terms.limit
    old_id = order.cl_ord_id
    order.cl_ord_id = new_id or old_id
    scribe.write_of(
        order,
        Replaced,
        orig_cl_ord_id=old_id,
        qty=order.qty,
        limit=terms.limit,
        leaves=Shares(order.leaves),
        cum=Shares(order.cum),
        kept_place=is_kept,
        stop=order.stop,
        min_exec=order.min_exec,
        expire_at=order.expire_at,
        peg_offset=order.peg_offset,
        trail=new_trail,
        min_qty=order.min_qty,
    )
    if not is_kept:
        enter(order, listing, scribe=scribe)
