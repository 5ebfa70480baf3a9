"""Trades that are undone or put right, and what that leaves uncovered.

bust or correction ──> known? ──> terms? ──> money and shares go back ──> orders that nothing covers any more end
"""

from collections.abc import Callable, Iterable, Iterator

from stockex.core.desk import Desk
from stockex.core.matching.continuous import cancel
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal, price_refusal, quantity_refusal
from stockex.core.risk.trades import Done
from stockex.messages.codec import Fact
from stockex.messages.executions import TradeBusted, TradeCorrected
from stockex.messages.market_data import Bust, Correction
from stockex.messages.orders import BustTrade, CorrectTrade
from stockex.vocabulary.enums import CancelReason, Side
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Price, Shares, euro_text


def bust(command: BustTrade, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Undo a trade, or say why not (CTL-07, CTL-08)."""
    done = _standing(command.trade_id, desk)
    if not isinstance(done, Done):
        return done
    _tell(done, (TradeBusted, Bust), scribe=scribe, text=command.text, price=done.price, qty=done.qty)
    _cover(done, desk, scribe=scribe)
    return None


def correct(command: CorrectTrade, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Give a trade the price, or the smaller quantity, that it should have had, or say why not (CTL-07, CTL-09)."""
    done = _standing(command.trade_id, desk)
    if not isinstance(done, Done):
        return done
    price = done.price if command.price is None else command.price
    qty = done.qty if command.qty is None else command.qty
    listing = desk.listings[done.symbol]
    refusal = quantity_refusal(qty, listing.instrument)
    if refusal is None and command.price is not None:
        refusal = price_refusal(price, listing.grid)
    if refusal is None:
        refusal = _no_correction(done, price, qty=qty)
    if refusal is not None:
        return refusal
    was = {"old_price": done.price, "old_qty": done.qty}
    _tell(done, (TradeCorrected, Correction), scribe=scribe, text=command.text, price=price, qty=qty, **was)
    _cover(done, desk, scribe=scribe)
    return None


def _standing(trade_id: str, desk: Desk) -> Done | Refusal:
    """Return a trade that stands, or the refusal of one that does not."""
    done = desk.trades.find(trade_id)
    if done is None:
        return RejectReason.UNKNOWN_TRADE, f"trade {trade_id}"
    return (RejectReason.TRADE_BUSTED, f"trade {trade_id}") if done.is_busted else done


def _no_correction(done: Done, price: Price, *, qty: Shares) -> Refusal | None:
    if qty > done.qty:
        return RejectReason.NOT_A_CORRECTION, f"quantity {qty}, traded {done.qty}"
    if (price, qty) == (done.price, done.qty):
        return RejectReason.NOT_A_CORRECTION, f"{qty} at {euro_text(price)} as before"
    return None


def _tell(done: Done, kinds: Iterable[Callable[..., Fact]], *, scribe: Scribe, **terms: object) -> None:
    """Write the fact for the owners, then the one for the tape."""
    owners, public = kinds
    same: dict[str, object] = {
        "trade_id": done.trade_id,
        "symbol": done.symbol,
        "aggressor": done.aggressor,
        "traded_at": done.at,
        **terms,
    }
    scribe.write(owners, **same, buy=done.buy, sell=done.sell)
    scribe.write(public, **same, buy_member=done.buy.account, sell_member=done.sell.account)


def _cover(done: Done, desk: Desk, *, scribe: Scribe) -> None:
    """Cancel the orders of both sides that their account cannot cover any more (CTL-10)."""
    for account in dict.fromkeys((done.buy.account, done.sell.account)):
        for order in desk.taken_out(_uncovered(account, done.symbol, desk=desk)):
            cancel(order, CancelReason.UNCOVERED, scribe=scribe)
    desk.settle_all(scribe)


def _uncovered(account: str, symbol: str, *, desk: Desk) -> Iterator[Order]:
    """Yield orders to cancel, the newest first, until the account owns what the others hold."""
    if not desk.accounts.is_limited(account):
        return
    balance = desk.accounts.balance(account)
    missing = {
        Side.BUY: balance.held_cash - max(balance.cash, 0),
        Side.SELL: balance.held_shares.get(symbol, 0) - max(balance.shares.get(symbol, 0), 0),
    }
    ended_too: set[int | None] = set()
    for order in sorted(desk.orders_of(account), key=lambda order: -order.order_id):
        held = desk.accounts.held_by(order.order_id)
        if order.order_id in ended_too:
            continue
        if missing[order.side] > 0 and held > 0 and (order.side is Side.BUY or order.symbol == symbol):
            ended_too.add(order.oco)
            missing[order.side] -= held
            yield order
