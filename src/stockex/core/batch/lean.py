"""The batch interface on the plain book, without a message for each command and each fact.

    COMMAND records ──by column──> rows ──one by one──> checks, match ──> packed facts ──joined──> FACT records

Book, matching, prevention of self-trades and the form of orders are those of the exchange. What the desk does around
them for limit and market orders in continuous trading is said again here, in its order; where something is not well,
the rules of `validation` say what.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import structs

from stockex.core.batch.facts import figures
from stockex.core.batch.plain import message, order_records
from stockex.core.batch.recording import Market, Owner, PlainOrder, RecordScribe
from stockex.core.batch.terms import SIDE_BIT, Row, Terms, grid_of, rows, terms_of
from stockex.core.matching.compiled.records import COMMAND, FACT, NEW, NONE, REPLACE
from stockex.core.matching.compiled.tables import Ran, Records
from stockex.core.matching.continuous import can_fill, cost_to_fill, match, would_trade
from stockex.core.matching.ids import REMEMBERED
from stockex.core.matching.plain import PlainBook
from stockex.core.matching.validation import new_order_refusal, replacement_refusal
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, Side, TimeInForce
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, Shares

Refused = tuple[RejectReason, tuple[int, int]]
"""Why, and the figures that decided."""

_FOK: Final = TimeInForce.FOK
_BY_OWNER: Final = CancelReason.BY_OWNER
_IOC_REMAINDER, _MARKET_REMAINDER = CancelReason.IOC_REMAINDER, CancelReason.MARKET_REMAINDER

_UNKNOWN_ACCOUNT: Final = (RejectReason.UNKNOWN_ACCOUNT, (0, 0))
_UNKNOWN_SYMBOL: Final = (RejectReason.UNKNOWN_SYMBOL, (0, 0))
_DUPLICATE: Final = (RejectReason.DUPLICATE_CL_ORD_ID, (0, 0))
_UNKNOWN_ORDER: Final = (RejectReason.UNKNOWN_ORDER, (0, 0))

RARE: Final = 1
"""Why a batch stops: before a command whose terms have no place here."""

PIECE: Final = 1_024
"""How many commands are taken up at once."""

_SETTINGS: Final = ("self_trade", "replace", "replace_qty", "replace_below_filled")
"""The rules of a market that make a difference here."""


class LeanEngine:
    """Limit and market orders, cancels and replacements on plain books, in open session, always continuous.

    Args:
        is_open: Whether accounts that were never funded may trade, without limits.
        levels: Whether LEVEL facts are written.
    """

    def __init__(self, *, is_open: bool = False, levels: bool = True) -> None:
        self.is_open = is_open
        self.levels = levels
        self.markets: dict[int, Market] = {}
        self.owners: dict[int, Owner] = {}
        self.resting: dict[int, PlainOrder] = {}
        self.used: dict[int, int] = {}
        self.scribe = RecordScribe(self.resting)
        self._terms: dict[int, Terms] = {}
        self._grid = grid_of((), ())
        self._commands: Records = np.zeros(0, COMMAND)
        self._first = 0

    def list_symbol(self, *, tick: int, lot: int = 1, rules: MarketRules = DEFAULT_RULES) -> int:
        """List an instrument with an empty book; return its number. `tick` in 1/10 000 euro, `lot` in shares.

        Raises: ValueError: the rules change more than self-trade prevention and replacing.
        """
        if structs.replace(DEFAULT_RULES, **{name: getattr(rules, name) for name in _SETTINGS}) != rules:
            raise ValueError("settings that have no place here")
        number = len(self.markets)
        instrument = Instrument(f"S{number}", "", Price(tick), Shares(lot), Price(tick))
        self.markets[number] = Market(number, instrument, rules=rules)
        return number

    def fund(self, account: int, *, cash: int = 0, symbol: int = 0, shares: int = 0) -> None:
        """Add cash (1/10 000 euro) and shares of a symbol to an account, which is opened and limited from now on."""
        owner = self.owners.setdefault(account, Owner(account))
        if not owner.is_limited:
            owner.is_limited = True
            for order in self._orders_of(owner):
                order.hold(order.leaves)
        owner.balance.receive(f"S{symbol}", qty=shares, cash=cash)

    def _orders_of(self, owner: Owner) -> Iterator[PlainOrder]:
        return (order for order in self.resting.values() if order.owner is owner)

    def money(self, account: int) -> tuple[int, int]:
        """Return an account's cash and held cash (1/10 000 euro)."""
        owner = self.owners.get(account)
        if owner is None:
            return 0, 0
        held = sum(order.price * order.leaves for order in self._orders_of(owner) if order.side.is_buy)
        return owner.balance.cash, held

    def holding(self, account: int, symbol: int) -> tuple[int, int]:
        """Return an account's shares and held shares in a symbol."""
        owner = self.owners.get(account)
        if owner is None:
            return 0, 0
        own = (order for order in self._orders_of(owner) if order.market.number == symbol)
        return owner.balance.shares.get(f"S{symbol}", 0), sum(order.leaves for order in own if not order.side.is_buy)

    def orders(self, number: int) -> Records:
        """Return a symbol's orders: bids best first, then asks best first, the oldest first at each price."""
        found = [order for side in Side for order in self.markets[number].book.queue(side)]
        for order in found:
            assert isinstance(order, PlainOrder)
            order.cl_ord_id, order.tif, order.post_only = str(order.client), order.terms.tif, order.terms.post_only
        return order_records(found, number)

    def run(self, commands: Records) -> Ran:
        """Obey an array of `COMMAND` records in order, up to the first that is not for it.

        What Python makes of a piece of them, numbers and packed facts, stays in the processor's caches.
        """
        if len(self._grid.ticks) <= len(self.markets):
            markets = self.markets.values()
            self._grid = grid_of([market.tick for market in markets], [market.lot for market in markets])
        facts, done, stop = bytearray(), 0, 0
        while done < len(commands) and not stop:
            piece = commands[done : done + PIECE]
            obeyed, stop = self._obey(piece, first=done)
            done += obeyed
            facts += b"".join(self.scribe.packed)
            self.scribe.packed.clear()
        return Ran(np.frombuffer(facts, dtype=FACT), done, stop)

    def _obey(self, commands: Records, *, first: int) -> tuple[int, int]:
        """Obey a piece, whose first command has this number; return how many were obeyed, and why no more."""
        scribe, known = self.scribe, self._terms
        self._commands, self._first = commands, first
        number = first
        for row in rows(commands, self._grid):
            terms = known.get(row[0]) or self._read(row[0])
            if terms is None:
                return number - first, RARE
            scribe.command = number
            number += 1
            if terms.kind == NEW:
                refused = self._new(row, terms)
            elif terms.kind == REPLACE:
                refused = self._replace(row, terms)
            else:
                refused = self._cancel(row)
            if refused is not None:
                scribe.rejected(*refused, client=row[4], target=row[5])
            elif self.levels:
                self._tell_levels(self.markets[row[3]].book)
        return number - first, 0

    def _read(self, number: int) -> Terms | None:
        """Return the terms that the number stands for, and know them from now on."""
        terms = terms_of(number)
        if terms is not None:
            self._terms[number] = terms
        return terms

    def _owner(self, account: int) -> Owner | None:
        """Return an account that may trade, opened when it is new and may be."""
        owner = self.owners.get(account)
        if owner is None and self.is_open:
            owner = self.owners[account] = Owner(account)
        return owner

    def _is_free(self, owner: Owner, client: int) -> bool:
        """Say whether an order may take this client id: no open one has it, nor is it among the newest (VAL-02)."""
        used = self.used.get(client)
        return used is None or (owner.used - used >= REMEMBERED and client not in self.resting)

    def _new(self, row: Row, terms: Terms) -> Refused | None:
        """Place an order, or say why not: `Desk.new`."""
        _, _, account, symbol, client, _, price, _ = row
        owner = self.owners.get(account) or self._owner(account)
        if owner is None:
            return _UNKNOWN_ACCOUNT
        market = self.markets.get(symbol)
        if market is None:
            return _UNKNOWN_SYMBOL
        if client in self.used and not self._is_free(owner, client):
            return _DUPLICATE
        if not terms.fits:
            return self._fault(market, None)
        order = PlainOrder(row, terms)
        order.owner, order.account, order.market = owner, owner.name, market
        order.ladder, order.other = market.ladders[terms.is_buy]
        order.self_trade = terms.self_trade or market.self_trade
        if owner.is_limited or not terms.is_free:
            refused = _new_refusal(order, terms)
            if refused is not None:
                return refused
        owner.used = self.used[client] = owner.used + 1
        if terms.is_free and order.other.first(price) is None:
            if terms.rests:
                self._enter(order)
                self.scribe.taken(order)
            else:
                self.scribe.passed(order)
        else:
            self.scribe.accepted(order, price if terms.is_limit else 0)
            self._execute(order, terms)
        return None

    def _execute(self, order: PlainOrder, terms: Terms) -> None:
        """Match an order that stands in no book, then rest it or end it: `market.trading.execute`."""
        if terms.tif is _FOK and not can_fill(order.market.book, order, limit=order.limit):
            self.scribe.cancelled(order, CancelReason.FOK_UNFILLED)
            return
        if self._is_done(order):
            return
        if not terms.is_limit:
            self.scribe.cancelled(order, _MARKET_REMAINDER)
        elif not terms.rests:
            self.scribe.cancelled(order, _IOC_REMAINDER)
        else:
            self._enter(order)
            self.scribe.rested(order)

    def _is_done(self, order: PlainOrder) -> bool:
        """Match an order that stands in no book; say whether that ended it. Most orders meet nobody."""
        if order.other.first(order.limit) is None:
            return False
        match(order.market.book, order, limit=order.limit, scribe=self.scribe)
        return order.leaves == 0

    def _enter(self, order: PlainOrder) -> None:
        """Put an order into the book, the youngest at its price: `PlainBook.add`."""
        book = order.market.book
        order.place = book.places = book.places + 1
        order.ladder.stand(order, order.leaves)
        self.resting[order.client] = order
        if order.owner.is_limited:
            order.hold(order.leaves)

    def _take_out(self, order: PlainOrder) -> None:
        order.ladder.leave(order, order.leaves)
        del self.resting[order.client]
        if order.owner.is_limited:
            order.hold(-order.leaves)

    def _meant(self, row: Row) -> PlainOrder | None:
        """Return the resting order that a cancel or a replacement means: the account has it, in this symbol."""
        order = self.resting.get(row[5])
        if order is None or order.owner.number != row[2] or order.market.number != row[3]:
            return None
        return order

    def _unknown(self, account: int, symbol: int) -> Refused:
        """Return the first of account, symbol and order that is unknown; the order is."""
        if self._owner(account) is None:
            return _UNKNOWN_ACCOUNT
        return _UNKNOWN_ORDER if symbol in self.markets else _UNKNOWN_SYMBOL

    def _cancel(self, row: Row) -> Refused | None:
        """Take an order out, or say why not: `Desk.cancel`."""
        order = self.resting.get(row[5])
        if order is None or order.owner.number != row[2] or order.market.number != row[3]:
            return self._unknown(row[2], row[3])
        self._take_out(order)
        self.scribe.cancelled(order, _BY_OWNER, request=row[4])
        return None

    def _replace(self, row: Row, terms: Terms) -> Refused | None:
        """Give an open order new terms, or say why not: `Desk.replace`."""
        client = row[4]
        order = self._meant(row)
        if client != NONE:
            owner = self._owner(row[2])
            if owner is not None and row[3] in self.markets and not self._is_free(owner, client):
                return _DUPLICATE
        if order is None:
            return self._unknown(row[2], row[3])
        market, leaves = order.market, order.leaves
        limit = row[6] if terms.has_price else order.price
        if terms.has_qty:
            leaves = row[7] if market.is_open_qty else row[7] - order.cum
        refused = None if terms.fits and leaves > 0 else self._fault(market, order)
        if refused is None and leaves > 0 and (order.owner.is_limited or order.terms.post_only):
            refused = _terms_refusal(order, leaves, limit=limit)
        if refused is not None:
            return refused
        if leaves > 0:
            self._change(order, (leaves, limit), client=client)
        else:
            self._take_out(order)
            self.scribe.cancelled(order, CancelReason.REPLACED_BELOW_FILLED, request=client)
        return None

    def _change(self, order: PlainOrder, terms: tuple[int, Price], *, client: int) -> None:
        """Let an open order have what is to be open of it, and its limit: `market.replacing.change`."""
        leaves, limit = terms
        old = order.client
        is_kept = limit == order.limit and leaves <= order.leaves and not order.market.to_back
        if is_kept:
            if order.owner.is_limited:
                order.hold(leaves - order.leaves)
            order.ladder.lower(order, order.leaves - leaves)
        else:
            self._take_out(order)
            order.leaves, order.limit = leaves, limit
        if client != NONE:
            order.owner.used = self.used[client] = order.owner.used + 1
            order.client = client
            if is_kept:
                self.resting[client] = self.resting.pop(old)
        self.scribe.replaced(order, old, is_kept=is_kept)
        if not is_kept and not self._is_done(order):
            self._enter(order)
            self.scribe.rested(order)

    def _fault(self, market: Market, order: PlainOrder | None) -> Refused | None:
        """Return the first rule that the current command's form breaks, as the exchange says it."""
        command = message(self._commands[self.scribe.command - self._first])
        found = None
        if isinstance(command, NewOrder):
            found = new_order_refusal(command, market.instrument)
        elif isinstance(command, ReplaceOrder) and order is not None:
            found = replacement_refusal(command, market.instrument, order=order, rules=market.rules)
        return None if found is None else (found[0], figures(*found))

    def _tell_levels(self, book: PlainBook) -> None:
        bids, asks = book.take_changes()
        for level in bids:
            self.scribe.level(level, 0)
        for level in asks:
            self.scribe.level(level, SIDE_BIT)


def _new_refusal(order: PlainOrder, terms: Terms) -> Refused | None:
    """Return why a new order in good form may not be, or None; one that is no limit order has no limit from here on."""
    if not terms.is_limit:
        order.limit = None
    refused = _short(order) if order.owner.is_limited else None
    return _crossing(order, limit=order.limit) if refused is None and terms.post_only else refused


def _terms_refusal(order: PlainOrder, leaves: int, *, limit: Price) -> Refused | None:
    """Return why an open order may not have new terms (RSK-05, REP-05), or None."""
    refused = None
    if order.owner.is_limited:
        is_buy = order.side.is_buy
        refused = _uncovered(order, leaves * limit - order.leaves * order.price if is_buy else leaves - order.leaves)
    return (
        _crossing(order, limit=limit) if refused is None and order.terms.post_only and limit != order.limit else refused
    )


def _short(order: PlainOrder) -> Refused | None:
    """Return why an account with limits cannot cover a new order (RSK-01 to RSK-03), or None."""
    if not order.side.is_buy:
        return _uncovered(order, order.leaves)
    limit = order.limit
    return _uncovered(order, order.leaves * limit if limit is not None else cost_to_fill(order.market.book, order))


def _uncovered(order: PlainOrder, need: int) -> Refused | None:
    balance = order.owner.balance
    free = balance.free_cash if order.side.is_buy else balance.free_shares(order.market.name)
    if need <= max(free, 0):
        return None
    is_buy = order.side.is_buy
    return RejectReason.INSUFFICIENT_CASH if is_buy else RejectReason.INSUFFICIENT_SHARES, (need, free)


def _crossing(order: PlainOrder, *, limit: Price | None) -> Refused | None:
    """Return why a post-only order may not have this limit now (TRD-08), or None."""
    price = would_trade(order.market.book, order, limit=limit)
    return None if price is None else (RejectReason.POST_ONLY_WOULD_TRADE, (price, 0))
