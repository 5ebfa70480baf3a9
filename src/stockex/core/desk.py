"""The order desk: what becomes of new orders, replacements and cancels.

    command ──> known? ──> open? ──> form? ──> covered? ──> match ──> facts
                (account,  (session)  (validation) (risk)   (continuous)
                 symbol, id)

The first check that fails refuses the command and nothing has changed; the order of the checks is that of
`RejectReason`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stockex.core.matching import validation
from stockex.core.matching.continuous import can_fill, cancel, cost_to_fill, match, would_trade
from stockex.core.matching.ids import UsedIds
from stockex.core.matching.interface import Book
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.risk.accounts import Accounts
from stockex.core.session.phases import order_refusal
from stockex.messages.codec import Fact
from stockex.messages.executions import Accepted, Cancelled, Expired, MassCancelled, Replaced, Rested, Traded
from stockex.messages.market_data import BookChanged
from stockex.messages.orders import CancelOrder, MassCancel, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, OrdType, Phase, Side, TimeInForce
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, Shares, euro_text


@dataclass(slots=True)
class Listing:
    """One instrument with its book and its last price of the day, if it has traded."""

    instrument: Instrument
    book: Book
    last: Price | None = None


class Desk:
    """All books, the accounts that trade in them, and every open order by its owner's name for it."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.listings: dict[str, Listing] = {}
        self.used_ids = UsedIds()
        self._open: dict[str, dict[str, Order]] = {}

    def open_orders(self) -> Iterator[Order]:
        """Yield every open order: by instrument, bids before asks, in priority."""
        for listing in self.listings.values():
            for side in Side:
                yield from listing.book.queue(side)

    def restore(self, order: Order) -> None:
        """Put an order of a snapshot back, last at its price."""
        self.listings[order.symbol].book.add(order)
        self._open.setdefault(order.account, {})[order.cl_ord_id] = order

    def note(self, fact: Fact) -> None:
        """Keep reservations, open orders and last prices in step with each fact as it is written."""
        self.accounts.apply(fact)
        match fact:
            case Traded():
                self.listings[fact.symbol].last = fact.price
                for fill in (fact.buy, fact.sell):
                    if fill.leaves == 0:
                        self._forget(fill.account, fill.cl_ord_id)
            case Cancelled() | Expired():
                self._forget(fact.account, fact.cl_ord_id)
            case _:
                pass

    def _forget(self, account: str, cl_ord_id: str) -> None:
        self._open.get(account, {}).pop(cl_ord_id, None)

    def _unknown(self, account: str, symbol: str | None) -> Refusal | None:
        if not self.accounts.knows(account):
            return RejectReason.UNKNOWN_ACCOUNT, f"account {account}"
        if symbol is not None and symbol not in self.listings:
            return RejectReason.UNKNOWN_SYMBOL, f"symbol {symbol}"
        return None

    def _entry_refusal(self, command: NewOrder | ReplaceOrder, phase: Phase) -> Refusal | None:
        """Return why the account may not enter or replace an order under this id now, or None."""
        found = self._unknown(command.account, command.symbol)
        if found is not None:
            return found
        closed = order_refusal(phase)
        if closed is not None:
            return closed, f"phase {phase.value}"
        if command.cl_ord_id is not None and self._is_used(command.account, command.cl_ord_id):
            return RejectReason.DUPLICATE_CL_ORD_ID, f"cl_ord_id {command.cl_ord_id}"
        return None

    def _is_used(self, account: str, cl_ord_id: str) -> bool:
        """Say whether an order may not take this id: it was used lately, or by an order that is still open."""
        return (account, cl_ord_id) in self.used_ids or cl_ord_id in self._open.get(account, {})

    def new(self, command: NewOrder, scribe: Scribe, *, phase: Phase) -> Refusal | None:
        """Place an order, or say why not (TRD-01 to TRD-08)."""
        refusal = self._entry_refusal(command, phase)
        if refusal is not None:
            return refusal
        listing = self.listings[command.symbol]
        refusal = validation.new_order_refusal(command, listing.instrument)
        if refusal is not None:
            return refusal
        order = Order.of(command, order_id=scribe.offset)
        refusal = self._cover_refusal(order, need=_need(order, listing.book))
        if refusal is not None:
            return refusal
        if order.post_only and would_trade(listing.book, order.side, limit=order.limit):
            return _crossing(order.side, listing.book)
        self.used_ids.add(order.account, order.cl_ord_id)
        scribe.write_of(
            order,
            Accepted,
            qty=order.qty,
            limit=order.limit,
            ord_type=order.ord_type,
            tif=order.tif,
            post_only=order.post_only,
            self_trade=order.self_trade,
            source=command.source,
        )
        self._execute(order, listing.book, scribe=scribe)
        _flush(listing, scribe)
        return None

    def _cover_refusal(self, order: Order, *, need: int) -> Refusal | None:
        short = self.accounts.shortfall(order.account, order.side, symbol=order.symbol, need=need)
        if short is None:
            return None
        free, needed = short
        if order.side is Side.BUY:
            return RejectReason.INSUFFICIENT_CASH, f"{euro_text(needed)} needed, {euro_text(free)} free"
        return RejectReason.INSUFFICIENT_SHARES, f"{needed} needed, {free} free"

    def _execute(self, order: Order, book: Book, *, scribe: Scribe) -> None:
        """Match the order, then rest or cancel what is left (TRD-04 to TRD-07)."""
        if order.tif is TimeInForce.FOK and not can_fill(book, order):
            cancel(order, CancelReason.FOK_UNFILLED, scribe=scribe)
            return
        has_ended = match(book, order, scribe=scribe)
        if has_ended or order.leaves == 0:
            return
        if order.ord_type is OrdType.MARKET:
            cancel(order, CancelReason.MARKET_REMAINDER, scribe=scribe)
        elif not order.tif.rests:
            cancel(order, CancelReason.IOC_REMAINDER, scribe=scribe)
        else:
            book.add(order)
            self._open.setdefault(order.account, {})[order.cl_ord_id] = order
            scribe.write_of(order, Rested, limit=order.price, leaves=Shares(order.leaves))

    def _find(self, command: CancelOrder | ReplaceOrder) -> Order | None:
        order = self._open.get(command.account, {}).get(command.orig_cl_ord_id)
        return order if order is not None and order.symbol == command.symbol else None

    def replace(self, command: ReplaceOrder, scribe: Scribe, *, phase: Phase) -> Refusal | None:
        """Give an open order new terms, or say why not (REP-01 to REP-05)."""
        refusal = self._entry_refusal(command, phase)
        if refusal is not None:
            return refusal
        order = self._find(command)
        if order is None:
            return RejectReason.UNKNOWN_ORDER, f"order {command.orig_cl_ord_id} in {command.symbol}"
        listing = self.listings[command.symbol]
        refusal = validation.replacement_refusal(command, listing.instrument, cum=order.cum)
        if refusal is not None:
            return refusal
        limit = order.price if command.limit is None else command.limit
        leaves = order.leaves if command.qty is None else command.qty - order.cum
        need = leaves * (limit if order.side is Side.BUY else 1) - self.accounts.held_by(order.order_id)
        refusal = self._cover_refusal(order, need=need)
        if refusal is not None:
            return refusal
        if order.post_only and limit != order.limit and would_trade(listing.book, order.side, limit=limit):
            return _crossing(order.side, listing.book)
        self._give_terms(order, command.cl_ord_id, limit=limit, leaves=leaves, scribe=scribe)
        _flush(listing, scribe)
        return None

    def _give_terms(self, order: Order, new_id: str | None, *, limit: Price, leaves: int, scribe: Scribe) -> None:
        """Change an open order; it loses its place unless only its quantity falls (REP-01, REP-02)."""
        book = self.listings[order.symbol].book
        keeps_place = limit == order.limit and leaves <= order.leaves
        old_id = order.cl_ord_id
        if keeps_place:
            book.reduce(order, order.leaves - leaves)
        else:
            book.remove(order)
            order.leaves, order.limit = leaves, limit
        self._forget(order.account, old_id)
        if new_id is not None:
            order.cl_ord_id = new_id
            self.used_ids.add(order.account, new_id)
        scribe.write_of(
            order,
            Replaced,
            orig_cl_ord_id=old_id,
            qty=order.qty,
            limit=limit,
            leaves=Shares(leaves),
            cum=Shares(order.cum),
            kept_place=keeps_place,
        )
        if keeps_place:
            self._open[order.account][order.cl_ord_id] = order
        else:
            self._execute(order, book, scribe=scribe)

    def cancel(self, command: CancelOrder, scribe: Scribe) -> Refusal | None:
        """Take one order out, in any phase, or say that there is none (CAN-01, CAN-02)."""
        refusal = self._unknown(command.account, command.symbol)
        if refusal is not None:
            return refusal
        order = self._find(command)
        if order is None:
            return RejectReason.UNKNOWN_ORDER, f"order {command.orig_cl_ord_id} in {command.symbol}"
        listing = self.listings[order.symbol]
        listing.book.remove(order)
        cancel(order, CancelReason.BY_OWNER, scribe=scribe, request_id=command.cl_ord_id)
        _flush(listing, scribe)
        return None

    def mass_cancel(self, command: MassCancel, scribe: Scribe) -> Refusal | None:
        """Take out all orders of the account that the command chooses, oldest first (CAN-03)."""
        refusal = self._unknown(command.account, command.symbol)
        if refusal is not None:
            return refusal
        chosen = [
            order
            for order in self._open.get(command.account, {}).values()
            if command.symbol in {None, order.symbol} and command.side in {None, order.side}
        ]
        for order in self._taken_out(chosen):
            cancel(order, CancelReason.MASS_CANCEL, scribe=scribe)
        scribe.write(
            MassCancelled, account=command.account, symbol=command.symbol, side=command.side, count=len(chosen)
        )
        self._flush_all(scribe)
        return None

    def expire(self, scribe: Scribe) -> None:
        """End every DAY order, oldest first (SES-04)."""
        for order in self._taken_out(order for order in self.open_orders() if order.tif is TimeInForce.DAY):
            scribe.write_of(order, Expired, qty=Shares(order.leaves), cum=Shares(order.cum))
        self._flush_all(scribe)

    def _taken_out(self, chosen: Iterable[Order]) -> list[Order]:
        """Take the orders out of their books; return them by age."""
        orders = sorted(chosen, key=_by_age)
        for order in orders:
            self.listings[order.symbol].book.remove(order)
        return orders

    def _flush_all(self, scribe: Scribe) -> None:
        for listing in self.listings.values():
            _flush(listing, scribe)


def _by_age(order: Order) -> int:
    return order.order_id


def _need(order: Order, book: Book) -> int:
    """Return what the order must be covered by: shares to sell, or cash to buy at its limit or at market."""
    if order.side is Side.SELL:
        return order.leaves
    return cost_to_fill(book, order) if order.limit is None else order.leaves * order.limit


def _crossing(side: Side, book: Book) -> Refusal:
    resting = book.first(side.opposite)
    assert resting is not None, "a crossing order meets one"
    return RejectReason.POST_ONLY_WOULD_TRADE, f"best opposite price {euro_text(resting.price)}"


def _flush(listing: Listing, scribe: Scribe) -> None:
    bids, asks = listing.book.take_changes()
    if bids or asks:
        scribe.write(BookChanged, symbol=listing.instrument.symbol, bids=bids, asks=asks)
