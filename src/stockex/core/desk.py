"""The order desk: what becomes of new orders, replacements and cancels.

    command ──> known? ──> open? ──> form? ──> limits? ──> covered? ──> match ──> facts
                (account,  (session)  (validation) (market)  (risk)    (continuous)
                 symbol, id)

The first check that fails refuses the command and nothing has changed; the order of the checks is that of
`RejectReason`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from stockex.core.market.ends import end_by_itself, set_end
from stockex.core.market.entry import (
    cap_of,
    crossing,
    is_immediate,
    order_limits_refusal,
    pair_refusal,
    terms_limits_refusal,
)
from stockex.core.market.listing import Listing, by_place
from stockex.core.market.replacing import Terms, change, new_terms
from stockex.core.market.telling import tell_accepted, tell_changes
from stockex.core.market.trading import end_others, enter, settle
from stockex.core.matching import validation
from stockex.core.matching.continuous import cancel, cost_to_fill, expire
from stockex.core.matching.ids import UsedIds
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.core.risk.accounts import Accounts
from stockex.core.risk.kills import Kills
from stockex.core.risk.trades import Trades
from stockex.core.session.instrument import entry_refusal
from stockex.core.session.phases import order_refusal
from stockex.core.timers import Kind, Timer, Timers
from stockex.messages.codec import Fact
from stockex.messages.control import PhaseChanged
from stockex.messages.executions import Cancelled, Expired, Rested, TradeBusted, TradeCorrected, Traded, Triggered
from stockex.messages.market_data import BookChanged, Trade
from stockex.messages.orders import CancelOrder, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, Phase, Side
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos, euro_text

_ONLY_TOLD: Final = frozenset({Rested, Trade, BookChanged})
"""Half of all facts: what they say, the book shows already or another fact has said."""


class Desk:
    """All books, the accounts that trade in them, and every open order by its owner's name for it.

    `phase` is the session's; while it is open each listing has a phase of its own, a call or continuous trading.
    """

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.kills = Kills()
        self.trades = Trades()
        self.phase = Phase.CLOSED
        self.listings: dict[str, Listing] = {}
        self.used_ids = UsedIds()
        self.timers = Timers()
        self._open: dict[str, dict[str, Order]] = {}
        self._timed: dict[int, Order] = {}

    def open_orders(self) -> Iterator[Order]:
        """Yield every open order: by instrument, bids before asks, in priority; then those outside the book."""
        for listing in self.listings.values():
            yield from listing.orders()

    def orders_of(self, account: str | None) -> list[Order]:
        """Return the open orders of one account, or of all when None."""
        if account is None:
            return list(self.open_orders())
        return list(self._open.get(account, {}).values())

    def stops(self, symbol: str) -> list[Order]:
        """Return the orders whose stop has not been reached, by age. Raises: KeyError for an unknown symbol."""
        return sorted(self.listings[symbol].stops.values(), key=by_place)

    def waiting(self, symbol: str) -> list[Order]:
        """Return the pegged orders that have nothing to follow, by age. Raises: KeyError for an unknown symbol."""
        return self.listings[symbol].waiting()

    def restore(self, order: Order) -> None:
        """Put an order of a snapshot back, the older first at each price."""
        self.listings[order.symbol].put_back(order)
        self._open.setdefault(order.account, {})[order.cl_ord_id] = order
        if order.expire_at is not None:
            self._timed[order.order_id] = order

    def note(self, fact: Fact) -> None:
        """Keep reservations, open orders and last prices in step with each fact as it is written."""
        if type(fact) in _ONLY_TOLD:
            return
        self.accounts.apply(fact)
        match fact:
            case Traded():
                self.trades.apply(fact)
                listing = self.listings[fact.symbol]
                listing.traded_at(fact.price)
                for fill in (fact.buy, fact.sell):
                    listing.untie(fill.order_id)
                    if fill.leaves == 0:
                        self._forget(fill.account, fill.cl_ord_id)
                        listing.pegs.pop(fill.order_id, None)
            case TradeBusted() | TradeCorrected():
                self.trades.apply(fact)
            case Cancelled() | Expired():
                self._forget(fact.account, fact.cl_ord_id)
                self.listings[fact.symbol].pegs.pop(fact.order_id, None)
                self.listings[fact.symbol].untie(fact.order_id)
            case Triggered():
                self.listings[fact.symbol].untie(fact.order_id)
            case PhaseChanged(phase=Phase.VOLATILITY_CALL):
                listing = self.listings[fact.symbol]
                set_end(listing, listing.ends, timers=self.timers)
            case _:
                pass

    def _forget(self, account: str, cl_ord_id: str) -> None:
        order = self._open.get(account, {}).pop(cl_ord_id, None)
        if order is not None and order.expire_at is not None:
            self._timed.pop(order.order_id)
            self.timers.cancel(_expiry_of(order, order.expire_at))

    def _set_expiry(self, order: Order, at: Nanos) -> None:
        """Let an open order expire at this instant, and no longer at another."""
        if order.expire_at is not None:
            self.timers.cancel(_expiry_of(order, order.expire_at))
        order.expire_at = at
        self._timed[order.order_id] = order
        self.timers.set(_expiry_of(order, at))

    def pass_time(self, scribe: Scribe) -> None:
        """Do all that is due by the scribe's time, one thing wholly after the other (FCT-06)."""
        while (timer := self.timers.take(scribe.at)) is not None:
            match timer.kind:
                case Kind.EXPIRY:
                    order = self._timed[timer.number]
                    listing = self.listings[order.symbol]
                    listing.take_out(order)
                    expire(order, scribe=scribe)
                    self.settle(listing, scribe)
                case Kind.PHASE:
                    listing = self.listings[timer.symbol]
                    end_by_itself(listing, timers=self.timers, scribe=scribe)
                    tell_changes(listing, scribe)

    def unknown(self, account: str | None, symbol: str | None) -> Refusal | None:
        """Return the refusal of an account or an instrument that does not exist, None when both do or are left out."""
        if account is not None and not self.accounts.knows(account):
            return RejectReason.UNKNOWN_ACCOUNT, f"account {account}"
        if symbol is not None and symbol not in self.listings:
            return RejectReason.UNKNOWN_SYMBOL, f"symbol {symbol}"
        return None

    def _entry_refusal(self, command: NewOrder | ReplaceOrder) -> Refusal | None:
        """Return why the account may not enter or replace an order under this id now, or None."""
        found = self.unknown(command.account, command.symbol)
        if found is not None:
            return found
        if self.kills.stops(command.account):
            return RejectReason.ACCOUNT_KILLED, f"account {command.account}"
        closed = order_refusal(self.phase)
        if closed is not None:
            return closed, f"phase {self.phase.value}"
        halted = entry_refusal(self.listings[command.symbol].phase)
        if halted is not None:
            return halted, f"phase {self.listings[command.symbol].phase.value} of {command.symbol}"
        if command.cl_ord_id is not None and self._is_used(command.account, command.cl_ord_id):
            return RejectReason.DUPLICATE_CL_ORD_ID, f"cl_ord_id {command.cl_ord_id}"
        return None

    def _is_used(self, account: str, cl_ord_id: str) -> bool:
        """Say whether an order may not take this id: it was used lately, or by an order that is still open."""
        return (account, cl_ord_id) in self.used_ids or cl_ord_id in self._open.get(account, {})

    def new(self, command: NewOrder, scribe: Scribe) -> Refusal | None:
        """Place an order, or say why not (TRD-01 to TRD-08, OTY-01)."""
        refusal = self._entry_refusal(command)
        if refusal is not None:
            return refusal
        listing = self.listings[command.symbol]
        other = self._find(command.account, command.oco, symbol=command.symbol)
        refusal = validation.new_order_refusal(
            command, listing.instrument, grid=listing.grid, phase=listing.phase, now=scribe.at
        ) or pair_refusal(command, other)
        if refusal is not None:
            return refusal
        order = Order.of(command, scribe.offset, self_trade=listing.rules.self_trade)
        order.oco = None if other is None else other.order_id
        if order.trail is not None and order.stop is None and listing.last is not None:
            order.stop = listing.trailed(order, listing.last)
        refusal = order_limits_refusal(order, listing) or self._order_cover_refusal(order, listing)
        if refusal is not None:
            return refusal
        if order.post_only:
            refusal = crossing(order, listing, limit=order.limit)
            if refusal is not None:
                return refusal
        self.used_ids.add(order.account, order.cl_ord_id)
        tell_accepted(order, command, scribe=scribe)
        self._open.setdefault(order.account, {})[order.cl_ord_id] = order
        if order.expire_at is not None:
            self._set_expiry(order, order.expire_at)
        if other is not None:
            listing.tie(order, other)
        enter(order, listing, scribe=scribe)
        settle(listing, scribe=scribe)
        tell_changes(listing, scribe)
        return None

    def _order_cover_refusal(self, order: Order, listing: Listing) -> Refusal | None:
        """Return why the account cannot cover the order (RSK-01 to RSK-03), or give it its cap (RSK-06)."""
        limit = order.terms_limit
        if order.side is Side.SELL:
            need = order.leaves
        elif limit is not None:
            need = order.leaves * limit
        elif not self.accounts.is_limited(order.account):
            return None
        elif is_immediate(order, listing):
            need = cost_to_fill(listing.book, order, conditions=listing.conditions)
        else:
            order.cap = cap_of(order, listing)
            if order.cap is None:
                return RejectReason.INSUFFICIENT_CASH, "no last or reference price to cover the order at"
            need = order.leaves * order.cap
        return self._cover_refusal(order, amount=need)

    def _cover_refusal(self, order: Order, *, amount: int) -> Refusal | None:
        """Return why the account cannot cover that the order holds this amount."""
        need = self.accounts.growth(order.order_id, amount=amount, oco=order.oco)
        short = self.accounts.shortfall(order.account, order.side, symbol=order.symbol, need=need)
        if short is None:
            return None
        free, needed = short
        if order.side.is_buy:
            return RejectReason.INSUFFICIENT_CASH, f"{euro_text(needed)} needed, {euro_text(free)} free"
        return RejectReason.INSUFFICIENT_SHARES, f"{needed} needed, {free} free"

    def _find(self, account: str, cl_ord_id: str | None, *, symbol: str) -> Order | None:
        order = None if cl_ord_id is None else self._open.get(account, {}).get(cl_ord_id)
        return order if order is not None and order.symbol == symbol else None

    def replace(self, command: ReplaceOrder, scribe: Scribe) -> Refusal | None:
        """Give an open order new terms, or say why not (REP-01 to REP-13)."""
        refusal = self._entry_refusal(command)
        if refusal is not None:
            return refusal
        order = self._find(command.account, command.orig_cl_ord_id, symbol=command.symbol)
        if order is None:
            return RejectReason.UNKNOWN_ORDER, f"order {command.orig_cl_ord_id} in {command.symbol}"
        listing = self.listings[command.symbol]
        refusal = validation.replacement_refusal(
            command,
            listing.instrument,
            order=order,
            rules=listing.rules,
            moment=validation.Moment(listing.phase, scribe.at),
        )
        if refusal is not None:
            return refusal
        terms = new_terms(order, command, listing=listing)
        if terms.leaves <= 0:
            listing.take_out(order)
            cancel(order, CancelReason.REPLACED_BELOW_FILLED, scribe=scribe, request_id=command.cl_ord_id)
        else:
            refusal = self._terms_refusal(order, terms, listing=listing)
            if refusal is not None:
                return refusal
            if command.cl_ord_id is not None:
                self.used_ids.add(order.account, command.cl_ord_id)
            self._open[order.account][command.cl_ord_id or order.cl_ord_id] = self._open[order.account].pop(
                order.cl_ord_id
            )
            if terms.expire_at is not None:
                self._set_expiry(order, terms.expire_at)
            change(order, terms, listing=listing, new_id=command.cl_ord_id, scribe=scribe)
        settle(listing, scribe=scribe)
        tell_changes(listing, scribe)
        return None

    def _terms_refusal(self, order: Order, terms: Terms, *, listing: Listing) -> Refusal | None:
        """Return why an open order may not have these terms (LIM-04 to LIM-07, RSK-05, REP-05), or None."""
        refusal = terms_limits_refusal(order, terms, listing=listing)
        if refusal is not None:
            return refusal
        unit = 1 if order.side is Side.SELL else terms.limit or order.cap or 0
        refusal = self._cover_refusal(order, amount=terms.leaves * unit)
        if refusal is None and order.post_only and terms.limit != order.limit:
            return crossing(order, listing, limit=terms.limit)
        return refusal

    def cancel(self, command: CancelOrder, scribe: Scribe) -> Refusal | None:
        """Take one order out, in any phase, or say that there is none (CAN-01, CAN-02)."""
        refusal = self.unknown(command.account, command.symbol)
        if refusal is not None:
            return refusal
        order = self._find(command.account, command.orig_cl_ord_id, symbol=command.symbol)
        if order is None:
            return RejectReason.UNKNOWN_ORDER, f"order {command.orig_cl_ord_id} in {command.symbol}"
        listing = self.listings[order.symbol]
        listing.take_out(order)
        cancel(order, CancelReason.BY_OWNER, scribe=scribe, request_id=command.cl_ord_id)
        self.settle(listing, scribe)
        return None

    def expire(self, scribe: Scribe) -> None:
        """End every order that does not outlive the day, oldest first (SES-04)."""
        for order in self.taken_out(order for order in self.open_orders() if order.tif.ends_with_day):
            expire(order, scribe=scribe)
        self.settle_all(scribe)

    def taken_out(self, chosen: Iterable[Order]) -> list[Order]:
        """Take the orders out of their books; return them by age."""
        orders = sorted(chosen, key=_by_age)
        for order in orders:
            self.listings[order.symbol].take_out(order)
        return orders

    def settle(self, listing: Listing, scribe: Scribe) -> None:
        """Let the market come to rest while trading is open, then tell what changed in the book."""
        if self.phase is Phase.CONTINUOUS:
            settle(listing, scribe=scribe)
        else:
            end_others(listing, scribe=scribe)
        tell_changes(listing, scribe)

    def settle_all(self, scribe: Scribe) -> None:
        """Settle every instrument."""
        for listing in self.listings.values():
            self.settle(listing, scribe)


def _expiry_of(order: Order, at: Nanos) -> Timer:
    return Timer(at, Kind.EXPIRY, order.order_id, order.symbol)


def _by_age(order: Order) -> int:
    return order.order_id
