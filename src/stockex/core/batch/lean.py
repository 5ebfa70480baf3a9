"""The batch interface on the plain book, without a message for each command and each fact.

    COMMAND records ──by column──> rows ──one by one──> checks, match ──> packed facts ──joined──> FACT records

Book, matching, prevention of self-trades and the form of orders are those of the exchange. What the desk does around
them for limit and market orders in continuous trading is said again here, in its order; where something is not well,
the rules of `validation` say what.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

import numpy as np
from msgspec import structs

from stockex.core.batch.facts import figures
from stockex.core.batch.plain import message, order_records
from stockex.core.batch.recording import (
    ACCEPTED_LIMIT,
    ENDED,
    IOC_END,
    OWNER_END,
    PASSED,
    RESTED_LIMIT,
    TAKEN,
    Market,
    Owner,
    PlainOrder,
    RecordScribe,
)
from stockex.core.batch.refusing import Refused, new_refusal, terms_refusal, uncovered
from stockex.core.batch.terms import KnownTerms, Row, Terms, grid_of, rows
from stockex.core.matching.compiled.records import CANCEL, COMMAND, FACT, NEW, NONE, REPLACE
from stockex.core.matching.compiled.tables import Ran, Records
from stockex.core.matching.continuous import can_fill, match
from stockex.core.matching.ids import REMEMBERED
from stockex.core.matching.validation import new_order_refusal, replacement_refusal
from stockex.messages.orders import NewOrder, ReplaceOrder
from stockex.vocabulary.enums import CancelReason, Side, TimeInForce
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, Shares

Value = TypeVar("Value")

_FOK: Final = TimeInForce.FOK
_IOC_REMAINDER, _MARKET_REMAINDER = CancelReason.IOC_REMAINDER, CancelReason.MARKET_REMAINDER

_UNKNOWN_ACCOUNT: Final = (RejectReason.UNKNOWN_ACCOUNT, (0, 0))
_UNKNOWN_SYMBOL: Final = (RejectReason.UNKNOWN_SYMBOL, (0, 0))
_DUPLICATE: Final = (RejectReason.DUPLICATE_CL_ORD_ID, (0, 0))
_UNKNOWN_ORDER: Final = (RejectReason.UNKNOWN_ORDER, (0, 0))

STOP: Final = 1
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
        self.markets: list[Market | None] = [None]
        self.owners: list[Owner | None] = [None]
        self.resting: list[PlainOrder | None] = [None]
        self.used: list[int] = [0]
        self.scribe = RecordScribe(self.resting)
        self._terms = KnownTerms()
        self._grid = grid_of((), ())
        self._commands: Records = np.zeros(0, COMMAND)
        self._first = 0

    def list_symbol(self, *, tick: int, lot: int = 1, rules: MarketRules = DEFAULT_RULES) -> int:
        """List an instrument with an empty book; return its number. `tick` in 1/10 000 euro, `lot` in shares.

        Raises: ValueError: the rules change more than self-trade prevention and replacing.
        """
        if structs.replace(DEFAULT_RULES, **{name: getattr(rules, name) for name in _SETTINGS}) != rules:
            raise ValueError("settings that have no place here")
        number = len(self.markets) - 1
        instrument = Instrument(f"S{number}", "", Price(tick), Shares(lot), Price(tick))
        self.markets.insert(number, Market(number, instrument, rules=rules))
        return number

    def fund(self, account: int, *, cash: int = 0, symbol: int = 0, shares: int = 0) -> None:
        """Add cash (1/10 000 euro) and shares of a symbol to an account, which is opened and limited from now on."""
        _lengthen(self.owners, account, nothing=None)
        owner = self.owners[account] = self.owners[account] or Owner(account)
        if not owner.is_limited:
            owner.is_limited = True
            for order in self._orders_of(owner):
                order.hold(order.leaves)
        owner.balance.receive(f"S{symbol}", qty=shares, cash=cash)

    def _orders_of(self, owner: Owner) -> Iterator[PlainOrder]:
        return (order for order in self.resting if order is not None and order.owner is owner)

    def _owner(self, account: int) -> Owner | None:
        """Return an account that may trade, opened when it is new and may be. The last of `owners` is nobody's."""
        owner = self.owners[account]
        if owner is None and self.is_open and account + 1 < len(self.owners):
            owner = self.owners[account] = Owner(account)
        return owner

    def _known(self, account: int) -> Owner | None:
        return self.owners[account] if account < len(self.owners) else None

    def money(self, account: int) -> tuple[int, int]:
        """Return an account's cash and held cash (1/10 000 euro)."""
        owner = self._known(account)
        if owner is None:
            return 0, 0
        held = sum(order.price * order.leaves for order in self._orders_of(owner) if order.side.is_buy)
        return owner.balance.cash, held

    def holding(self, account: int, symbol: int) -> tuple[int, int]:
        """Return an account's shares and held shares in a symbol."""
        owner = self._known(account)
        if owner is None:
            return 0, 0
        own = (order for order in self._orders_of(owner) if order.market.number == symbol)
        return owner.balance.shares.get(f"S{symbol}", 0), sum(order.leaves for order in own if not order.side.is_buy)

    def orders(self, number: int) -> Records:
        """Return a symbol's orders: bids best first, then asks best first, the oldest first at each price."""
        market = self.markets[number]
        found = [] if market is None else [order for side in Side for order in market.book.queue(side)]
        for order in found:
            assert isinstance(order, PlainOrder)
            order.cl_ord_id, order.tif, order.post_only = str(order.client), order.terms.tif, order.terms.post_only
        return order_records(found, number)

    def run(self, commands: Records) -> Ran:
        """Obey an array of `COMMAND` records in order, up to the first that is not for it.

        What Python makes of a piece of them, numbers and packed facts, stays in the processor's caches.
        """
        self._make_room(commands)
        facts, done, stop = bytearray(), 0, 0
        while done < len(commands) and not stop:
            piece = commands[done : done + PIECE]
            obeyed, stop = self._obey(piece, first=done)
            done += obeyed
            facts += b"".join(self.scribe.packed)
            self.scribe.packed.clear()
        return Ran(np.frombuffer(facts, dtype=FACT), done, stop)

    def _make_room(self, commands: Records) -> None:
        """Make room for every client id, and with open accounts for every account, that commands may bring."""
        newest = int(commands["client"].max(initial=NONE))
        _lengthen(self.resting, newest, nothing=None)
        _lengthen(self.used, newest, nothing=0)
        if self.is_open:
            _lengthen(self.owners, int(commands["account"].max(initial=NONE)), nothing=None)
        grid = self._grid
        if len(grid.ticks) < len(self.markets):
            markets = [market for market in self.markets if market is not None]
            grid = grid_of([market.tick for market in markets], [market.lot for market in markets])
        self._grid = grid._replace(accounts=len(self.owners), clients=len(self.resting))

    def _obey(self, commands: Records, *, first: int) -> tuple[int, int]:
        """Obey a piece, whose first command has this number; return how many were obeyed, and why no more."""
        scribe, tells = self.scribe, self.levels
        self._commands, self._first = commands, first
        number = first
        for row in rows(commands, self._grid, known=self._terms):
            scribe.command = number
            kind = row[0].kind
            if kind == NEW:
                refused = self._new(row)
            elif kind == CANCEL:
                refused = self._cancel(row)
            elif kind == REPLACE:
                refused = self._replace(row)
            else:
                return number - first, STOP
            if refused is not None:
                scribe.rejected(*refused, client=row[4], target=int(commands["target"][number - first]))
            elif tells and (market := self.markets[row[3]]) is not None:
                scribe.levels(market.book)
            number += 1
        return number - first, 0

    def _is_used(self, owner: Owner, client: int) -> bool:
        """Say whether no order may take this client id: an open one has it, or it is among the newest (VAL-02)."""
        used = self.used[client]
        return used > 0 and (self.resting[client] is not None or owner.used - used < REMEMBERED)

    def _new(self, row: Row) -> Refused | None:
        """Place an order, or say why not: `Desk.new`. Most are limit orders that meet nobody."""
        terms, order_id, account, symbol, client, _, price, qty = row
        owner, market, used = self.owners[account], self.markets[symbol], self.used
        if owner is None or market is None or used[client] or not terms.is_free:
            return self._new_with_care(row)
        other = market.other[terms.place]
        keys = other.keys
        if keys and keys[-1] >= other.sign * price:
            return self._new_with_care(row)
        if owner.is_limited:
            refused = uncovered(owner, market, is_buy=terms.is_buy, need=qty * price if terms.is_buy else qty)
            if refused is not None:
                return refused
        used[client] = owner.used = owner.used + 1
        scribe, code = self.scribe, terms.code
        number = scribe.command
        if terms.rests:
            self._stand(PlainOrder(row, owner, market=market))
            # fmt: off
            scribe.packed.append(TAKEN(
                order_id, price, number, qty, qty, client, NONE, ACCEPTED_LIMIT + code,
                order_id, price, number, qty, client, NONE, RESTED_LIMIT + code,
            ))
        else:
            scribe.packed.append(
                PASSED(
                    order_id,
                    price,
                    number,
                    qty,
                    qty,
                    client,
                    NONE,
                    ACCEPTED_LIMIT + code,
                    order_id,
                    number,
                    qty,
                    0,
                    client,
                    NONE,
                    IOC_END + code,
                )
            )
            # fmt: on
        return None

    def _new_with_care(self, row: Row) -> Refused | None:
        """Place an order which may trade or be refused: every check, in the exchange's order."""
        terms, _, account, symbol, client, _, price, _ = row
        owner, market = self._owner(account), self.markets[symbol]
        if owner is None:
            return _UNKNOWN_ACCOUNT
        if market is None:
            return _UNKNOWN_SYMBOL
        if self._is_used(owner, client):
            return _DUPLICATE
        if not terms.fits:
            return self._fault(market, None)
        order = PlainOrder(row, owner, market=market)
        refused = new_refusal(order, terms)
        if refused is not None:
            return refused
        self.used[client] = owner.used = owner.used + 1
        self.scribe.accepted(order, price if terms.is_limit else 0)
        self._execute(order, terms)
        return None

    def _execute(self, order: PlainOrder, terms: Terms) -> None:
        """Match an order that stands in no book, then rest it or end it: `market.trading.execute`."""
        if terms.tif is _FOK and not can_fill(order.market.book, order, limit=order.limit):
            self.scribe.cancelled(order, CancelReason.FOK_UNFILLED)
            return
        match(order.market.book, order, limit=order.limit, scribe=self.scribe)
        if order.leaves == 0:
            return
        if not terms.is_limit:
            self.scribe.cancelled(order, _MARKET_REMAINDER)
        elif not terms.rests:
            self.scribe.cancelled(order, _IOC_REMAINDER)
        else:
            self._stand(order)
            self.scribe.rested(order)

    def _stand(self, order: PlainOrder) -> None:
        """Put an order into the book, the youngest at its price: `PlainBook.add`."""
        book, ladder, leaves = order.market.book, order.ladder, order.leaves
        order.place = book.places = book.places + 1
        ladder.stand(order, leaves)
        self.resting[order.client] = order
        if self.levels:
            ladder.touched.add(order.queue.key)
        if order.owner.is_limited:
            order.hold(leaves)

    def _take_out(self, order: PlainOrder) -> None:
        ladder, leaves = order.ladder, order.leaves
        ladder.leave(order, leaves)
        self.resting[order.client] = None
        if self.levels:
            ladder.touched.add(order.queue.key)
        if order.owner.is_limited:
            order.hold(-leaves)

    def _unknown(self, account: int, symbol: int) -> Refused:
        """Return the first of account, symbol and order that is unknown; the order is."""
        if self._owner(account) is None:
            return _UNKNOWN_ACCOUNT
        return _UNKNOWN_SYMBOL if self.markets[symbol] is None else _UNKNOWN_ORDER

    def _cancel(self, row: Row) -> Refused | None:
        """Take an order out, or say why not: `Desk.cancel`."""
        _, _, account, symbol, client, target, _, _ = row
        order = self.resting[target]
        if order is None or order.owner.number != account or order.market.number != symbol:
            return self._unknown(account, symbol)
        self._take_out(order)
        scribe = self.scribe
        kind = OWNER_END + order.terms.code
        scribe.packed.append(ENDED(order.order_id, scribe.command, order.leaves, order.cum, target, client, kind))
        return None

    def _replace(self, row: Row) -> Refused | None:
        """Give an open order new terms, or say why not: `Desk.replace`."""
        terms, _, account, symbol, client, target, price, qty = row
        if client != NONE and self.used[client]:
            owner = self._owner(account)
            if owner is not None and self.markets[symbol] is not None and self._is_used(owner, client):
                return _DUPLICATE
        order = self.resting[target]
        if order is None or order.owner.number != account or order.market.number != symbol:
            return self._unknown(account, symbol)
        market, leaves, limit = order.market, order.leaves, order.price
        if terms.has_price:
            limit = price
        if terms.has_qty:
            leaves = qty if market.is_open_qty else qty - order.cum
        refused = None if terms.fits and leaves > 0 else self._fault(market, order)
        if refused is None and leaves > 0 and (order.owner.is_limited or order.terms.post_only):
            refused = terms_refusal(order, leaves, limit=limit)
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
        old, ladder = order.client, order.ladder
        is_kept = limit == order.limit and leaves <= order.leaves and not order.market.to_back
        if is_kept:
            if order.owner.is_limited:
                order.hold(leaves - order.leaves)
            ladder.lower(order, order.leaves - leaves)
            if self.levels:
                ladder.touched.add(order.queue.key)
        else:
            self._take_out(order)
            order.leaves, order.limit = leaves, limit
        if client != NONE:
            self.used[client] = order.owner.used = order.owner.used + 1
            order.client = client
            if is_kept:
                self.resting[old], self.resting[client] = None, order
        if is_kept:
            self.scribe.replaced(order, old, is_kept=True)
            return
        keys = order.market.other[order.terms.place].keys
        if not keys or keys[-1] < -ladder.sign * limit:
            self._stand(order)
            self.scribe.moved(order, old)
            return
        self.scribe.replaced(order, old, is_kept=False)
        match(order.market.book, order, limit=limit, scribe=self.scribe)
        if order.leaves > 0:
            self._stand(order)
            self.scribe.rested(order)

    def _fault(self, market: Market, order: PlainOrder | None) -> Refused | None:
        """Return the first rule that the current command's form breaks, as the exchange says it."""
        command = message(self._commands[self.scribe.command - self._first])
        found = None
        if isinstance(command, NewOrder):
            found = new_order_refusal(command, market.instrument)
        elif isinstance(command, ReplaceOrder) and order is not None:
            found = replacement_refusal(command, market.instrument, order=order, rules=market.rules)
        return None if found is None else (found[0], figures(*found)[:2])


def _lengthen(numbered: list[Value], newest: int, *, nothing: Value) -> None:
    """Make a list longer until it has a place for `newest` and, as the last one, a place for what is in no list."""
    numbered.extend([nothing] * (newest + 2 - len(numbered)))
