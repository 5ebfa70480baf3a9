"""Every account's own orders and fills."""

import heapq
from collections.abc import Callable, Iterable
from itertools import chain
from typing import ClassVar, Final, Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from stockex.core.market_data.tape import status_after
from stockex.messages.codec import Message
from stockex.messages.executions import (
    Accepted,
    Cancelled,
    Expired,
    Fact,
    Fill,
    Priced,
    Reduced,
    Replaced,
    Repriced,
    Rested,
    StopMoved,
    TradeBusted,
    TradeCorrected,
    Traded,
    Triggered,
)
from stockex.messages.topics import Topic
from stockex.messages.views import FillView, OrderStatus, OrderView
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Price, Shares

ENDED_KEPT: Final = 500
"""How many ended orders of an account are kept."""

FILLS_KEPT: Final = 500
"""How many fills of an account are kept."""


class Kept(Struct):
    """One order: its view, what its fills cost, every client id that it has had, and what covers it.

    `cover` is what a buy reserves for each share that it leaves: the limit that its owner gave, else its cap (RSK-06).
    None reserves nothing.
    """

    view: OrderView
    cost: Cash
    cl_ord_ids: list[str]
    cover: Price | None


class Page(Struct):
    """One account's orders by order id, and its fills oldest first. `ended` is in the order of ending."""

    open: dict[int, Kept] = field(default_factory=dict)
    ended: dict[int, Kept] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    fills: list[FillView] = field(default_factory=list)


class Blotter:
    """Follow what becomes of every order. The views handed out are copies; an unknown account has nothing."""

    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.EXECUTIONS})

    def __init__(self, pages: dict[str, Page] | None = None) -> None:
        self._pages = pages if pages is not None else {}

    def apply(self, message: Message) -> None:
        """Take in one fact about an order or a fill. Refusals make no order and are passed over.

        Cost: O(1); of a trade that is undone, O(fills).
        """
        how = self._how.get(type(message))
        if how is not None:
            how(self, message)

    def open_orders(self, account: str) -> list[OrderView]:
        """Return the account's open orders, the newest first."""
        return [replace(kept.view) for kept in reversed(self._page(account).open.values())]

    def orders(self, account: str, limit: int) -> list[OrderView]:
        """Return the account's newest `limit` orders, open and ended, the newest first."""
        page = self._page(account)
        kept = chain(page.open.values(), page.ended.values())
        return [replace(view) for view in _newest(limit, (each.view for each in kept))]

    def order(self, account: str, cl_ord_id: str) -> OrderView | None:
        """Return the account's order that has or had this client id; None when there is none, or not any more."""
        page = self._page(account)
        order_id = page.ids.get(cl_ord_id)
        if order_id is None:
            return None
        kept = page.open.get(order_id) or page.ended[order_id]
        return replace(kept.view)

    def fills(self, account: str, limit: int) -> list[FillView]:
        """Return the account's newest `limit` fills, the newest first."""
        return self._page(account).fills[: -limit - 1 : -1]

    def fill(self, account: str, trade_id: str, *, side: Side) -> FillView | None:
        """Return the account's part of a trade on this side; None when there is none, or not any more."""
        found = (fill for fill in reversed(self._page(account).fills) if (fill.trade_id, fill.side) == (trade_id, side))
        return next(found, None)

    def reserved_cash(self, account: str) -> Cash:
        """Return what the account's open buy orders may still cost: quantity left times limit or cap. Cost: O(open)."""
        page = self._page(account)
        return Cash(sum(_reserved(each, page) for each in page.open.values() if each.view.side is Side.BUY))

    def reserved_shares(self, account: str) -> dict[str, Shares]:
        """Return how many shares of each symbol the account's open sell orders may still sell. Cost: O(open)."""
        reserved: dict[str, Shares] = {}
        page = self._page(account)
        for kept in page.open.values():
            view = kept.view
            if view.side is Side.SELL:
                reserved[view.symbol] = Shares(reserved.get(view.symbol, 0) + _reserved(kept, page))
        return reserved

    def dump(self) -> bytes:
        """Return the whole state as JSON, amounts as whole units."""
        return msgspec.json.encode(self._pages, enc_hook=int)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the blotter that `dump` described. Raises: msgspec.MsgspecError: it described none."""
        return cls(msgspec.json.decode(data, type=dict[str, Page], dec_hook=lambda kind, value: kind(value)))

    def _page(self, account: str) -> Page:
        return self._pages.get(account) or Page()

    def _open(self, account: str, order_id: int) -> Kept | None:
        return self._page(account).open.get(order_id)

    def _accept(self, fact: Accepted) -> None:
        page = self._pages.setdefault(fact.account, Page())
        cover = fact.cap if fact.limit is None else fact.limit
        page.open[fact.order_id] = Kept(view=_placed(fact), cost=Cash(0), cl_ord_ids=[fact.cl_ord_id], cover=cover)
        page.ids[fact.cl_ord_id] = fact.order_id
        other = None if fact.oco_id is None else page.open.get(fact.oco_id)
        if other is not None:
            other.view.oco_id = fact.order_id

    def _trade(self, fact: Traded) -> None:
        for fill, view in zip((fact.buy, fact.sell), fills_of(fact), strict=True):
            page = self._pages.setdefault(fill.account, Page())
            page.fills.append(view)
            if len(page.fills) > FILLS_KEPT:
                del page.fills[0]
            kept = page.open.get(fill.order_id)
            if kept is not None:
                kept.cost = Cash(kept.cost + fact.price * fact.qty)
                _untie(kept, page)
                _set_figures(kept, fact, leaves=fill.leaves, cum=fill.cum)
                if fill.leaves == 0:
                    self._file(page, kept)

    def _undo(self, fact: TradeBusted | TradeCorrected) -> None:
        """Mark both fills of a trade, with its terms of now. The orders stay as they are (CTL-08)."""
        terms = {"price": fact.price, "qty": fact.qty}
        for account in {fact.buy.account, fact.sell.account}:
            fills = self._page(account).fills
            for place, fill in enumerate(fills):
                if fill.trade_id == fact.trade_id:
                    fills[place] = replace(
                        fill, **terms, status=status_after(fact), changed_by=fact.offset, note=fact.text
                    )

    def _reduce(self, fact: Reduced) -> None:
        kept = self._open(fact.account, fact.order_id)
        if kept is not None:
            kept.view.qty = Shares(fact.cum + fact.leaves)
            _set_figures(kept, fact, leaves=fact.leaves, cum=fact.cum)

    def _replace(self, fact: Replaced) -> None:
        kept = self._open(fact.account, fact.order_id)
        if kept is None:
            return
        view = kept.view
        view.qty, view.stop, view.min_exec = fact.qty, fact.stop or view.stop, fact.min_exec
        view.expire_at = fact.expire_at or view.expire_at
        view.peg_offset, view.trail = fact.peg_offset, fact.trail or view.trail
        view.min_qty = fact.min_qty or view.min_qty
        if not view.ord_type.is_peg:
            view.limit = fact.limit
        elif not fact.kept_place:
            view.limit = None
        kept.cover = kept.cover if fact.limit is None else fact.limit
        _set_figures(kept, fact, leaves=fact.leaves, cum=fact.cum)
        if fact.cl_ord_id != kept.view.cl_ord_id:
            kept.view.cl_ord_id = fact.cl_ord_id
            kept.cl_ord_ids.append(fact.cl_ord_id)
            self._pages[fact.account].ids[fact.cl_ord_id] = fact.order_id

    def _turn(self, fact: Rested | Repriced | Priced | Triggered | StopMoved) -> None:
        """Note where an order stands now, that one without a limit has one, or that a stop has become live."""
        kept = self._open(fact.account, fact.order_id)
        if kept is None:
            return
        view = kept.view
        match fact:
            case Triggered():
                _untie(kept, self._pages[fact.account])
                view.ord_type = OrdType.MARKET if view.limit is None else OrdType.LIMIT
            case StopMoved():
                view.stop = fact.stop
            case Priced():
                view.limit, view.ord_type, kept.cover = fact.limit, OrdType.LIMIT, fact.limit
            case _:
                view.limit = fact.limit
        _set_figures(kept, fact, leaves=view.leaves, cum=view.cum)

    def _cancel(self, fact: Cancelled) -> None:
        self._end(fact, status=OrderStatus.CANCELLED, reason=fact.reason.value)

    def _expire(self, fact: Expired) -> None:
        self._end(fact, status=OrderStatus.EXPIRED, reason=None)

    def _end(self, fact: Cancelled | Expired, *, status: OrderStatus, reason: str | None) -> None:
        kept = self._open(fact.account, fact.order_id)
        if kept is not None:
            _set_figures(kept, fact, leaves=Shares(0), cum=fact.cum)
            kept.view.status, kept.view.reason = status, reason
            _untie(kept, self._pages[fact.account])
            self._file(self._pages[fact.account], kept)

    def _file(self, page: Page, kept: Kept) -> None:
        """Move an order from the open ones to the ended ones, and forget the order that ended first."""
        page.ended[kept.view.order_id] = page.open.pop(kept.view.order_id)
        if len(page.ended) <= ENDED_KEPT:
            return
        oldest = page.ended.pop(next(iter(page.ended)))
        for cl_ord_id in oldest.cl_ord_ids:
            if page.ids.get(cl_ord_id) == oldest.view.order_id:
                del page.ids[cl_ord_id]

    _how: ClassVar[dict[type, Callable[..., None]]] = {
        Accepted: _accept,
        Traded: _trade,
        **dict.fromkeys((TradeBusted, TradeCorrected), _undo),
        Reduced: _reduce,
        Replaced: _replace,
        **dict.fromkeys((Rested, Repriced, Priced, Triggered, StopMoved), _turn),
        Cancelled: _cancel,
        Expired: _expire,
    }
    """What takes in a fact of each kind. It is a table, for many facts are of a kind that a match would try last."""


def _reserved(kept: Kept, page: Page) -> int:
    """Return what an open order reserves: cash to buy, shares to sell. The younger leg of a pair adds to the older."""
    other = None if kept.view.oco_id is None else page.open.get(kept.view.oco_id)
    amount = _need(kept)
    return amount if other is None or kept.view.order_id < other.view.order_id else max(amount - _need(other), 0)


def _need(kept: Kept) -> int:
    return kept.view.leaves * (1 if kept.view.side is Side.SELL else kept.cover or 0)


def _untie(kept: Kept, page: Page) -> None:
    """Note that an order is no leg of a pair any more: one of the two has traded, is triggered or has ended."""
    other = None if kept.view.oco_id is None else page.open.get(kept.view.oco_id)
    kept.view.oco_id = None
    if other is not None:
        other.view.oco_id = None


def fills_of(fact: Traded) -> tuple[FillView, FillView]:
    """Return the buyer's and the seller's view of a trade."""

    def view(fill: Fill, side: Side) -> FillView:
        return FillView(
            trade_id=fact.trade_id,
            account=fill.account,
            cl_ord_id=fill.cl_ord_id,
            symbol=fact.symbol,
            side=side,
            qty=fact.qty,
            price=fact.price,
            is_aggressor=fact.aggressor is side,
            at=fact.at,
        )

    return view(fact.buy, Side.BUY), view(fact.sell, Side.SELL)


def changed(message: Message) -> list[tuple[str, str]]:
    """Return the (account, client order id) of every order that the fact changed."""
    match message:
        case Traded():
            return [(message.buy.account, message.buy.cl_ord_id), (message.sell.account, message.sell.cl_ord_id)]
        case Accepted() | Rested() | Repriced() | Priced() | Triggered() | StopMoved() | Reduced() | Replaced():
            return [(message.account, message.cl_ord_id)]
        case Cancelled() | Expired():
            return [(message.account, message.cl_ord_id)]
        case _:
            return []


def _placed(fact: Accepted) -> OrderView:
    return OrderView(
        order_id=fact.order_id,
        account=fact.account,
        cl_ord_id=fact.cl_ord_id,
        symbol=fact.symbol,
        side=fact.side,
        qty=fact.qty,
        limit=None if fact.ord_type.is_peg else fact.limit,
        ord_type=fact.ord_type,
        tif=fact.tif,
        post_only=fact.post_only,
        source=fact.source,
        status=OrderStatus.NEW,
        leaves=fact.qty,
        cum=Shares(0),
        average_price=None,
        reason=None,
        placed_at=fact.at,
        updated_at=fact.at,
        cause=fact.offset,
        stop=fact.stop,
        display=fact.display,
        hidden=fact.hidden,
        min_exec=fact.min_exec,
        min_qty=fact.min_qty,
        trail=fact.trail,
        expire_at=fact.expire_at,
        oco_id=fact.oco_id,
        peg_offset=fact.peg_offset,
        self_trade=fact.self_trade,
        cancel_on_disconnect=fact.cancel_on_disconnect,
        is_waiting=fact.ord_type.is_stop or fact.ord_type.is_peg or fact.tif is TimeInForce.AT_CLOSE,
    )


def _set_figures(kept: Kept, fact: Fact, *, leaves: Shares, cum: Shares) -> None:
    """Write an order's figures after a fact; its status, average price and whether it waits follow from them."""
    view = kept.view
    view.leaves, view.cum, view.updated_at, view.cause = leaves, cum, fact.at, fact.offset
    is_for_close = view.tif is TimeInForce.AT_CLOSE and view.is_waiting and not isinstance(fact, Rested)
    is_outside = view.ord_type.is_stop or (view.ord_type.is_peg and view.limit is None) or is_for_close
    view.is_waiting = leaves > 0 and is_outside
    if cum > 0:
        view.status = OrderStatus.PARTIALLY_FILLED if leaves > 0 else OrderStatus.FILLED
        view.average_price = kept.cost / (cum * UNITS_PER_EURO)


def _newest(limit: int, views: Iterable[OrderView]) -> list[OrderView]:
    return heapq.nlargest(limit, views, key=lambda view: view.order_id)
