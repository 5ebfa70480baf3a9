"""Why the lean batch refuses an order in good form: what its account has, and what a post-only order would meet."""

from stockex.core.batch.recording import Market, Owner, PlainOrder
from stockex.core.batch.terms import Terms
from stockex.core.matching.continuous import cost_to_fill, would_trade
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price

Refused = tuple[RejectReason, tuple[int, int]]
"""Why, and the figures that decided."""


def new_refusal(order: PlainOrder, terms: Terms) -> Refused | None:
    """Return why a new order may not be, or None; one that is no limit order has no limit from here on."""
    if not terms.is_limit:
        order.limit = None
    refused = _short(order) if order.owner.is_limited else None
    return _crossing(order, limit=order.limit) if refused is None and terms.post_only else refused


def terms_refusal(order: PlainOrder, leaves: int, *, limit: Price) -> Refused | None:
    """Return why an open order may not have new terms (RSK-05, REP-05), or None."""
    refused = None
    if order.owner.is_limited:
        is_buy = order.terms.is_buy
        need = leaves * limit - order.leaves * order.price if is_buy else leaves - order.leaves
        refused = uncovered(order.owner, order.market, is_buy=is_buy, need=need)
    return (
        _crossing(order, limit=limit) if refused is None and order.terms.post_only and limit != order.limit else refused
    )


def uncovered(owner: Owner, market: Market, *, is_buy: bool, need: int) -> Refused | None:
    """Return why an account with limits cannot cover `need`, cash or shares (RSK-01, RSK-02), or None."""
    free = owner.balance.free_cash if is_buy else owner.balance.free_shares(market.name)
    if need <= free or need <= 0:
        return None
    return RejectReason.INSUFFICIENT_CASH if is_buy else RejectReason.INSUFFICIENT_SHARES, (need, free)


def _short(order: PlainOrder) -> Refused | None:
    """Return why an account with limits cannot cover a new order (RSK-01 to RSK-03), or None."""
    need, limit = order.leaves, order.limit
    if order.terms.is_buy:
        need = need * limit if limit is not None else cost_to_fill(order.market.book, order)
    return uncovered(order.owner, order.market, is_buy=order.terms.is_buy, need=need)


def _crossing(order: PlainOrder, *, limit: Price | None) -> Refused | None:
    """Return why a post-only order may not have this limit now (TRD-08), or None."""
    price = would_trade(order.market.book, order, limit=limit)
    return None if price is None else (RejectReason.POST_ONLY_WOULD_TRADE, (price, 0))
