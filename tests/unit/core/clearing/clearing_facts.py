"""Facts for the clearing house's tests: prices and amounts are given in whole units, causes by one number."""

from stockex.messages.clearing import Deposited
from stockex.messages.control import Listed, Started, Stopped
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Nanos, Price, Shares


def deposited(n: int, account: str, *, cash: int = 0, symbol: str | None = None, qty: int = 0) -> Deposited:
    """Return the deposit that command `n` made."""
    return Deposited(offset=n, index=0, at=Nanos(n), account=account, cash=Cash(cash), symbol=symbol, qty=Shares(qty))


def trade(n: int, buyer_seller: str, *, qty: int, price: int, symbol: str = "NBG") -> Trade:
    """Return the trade of "BUYER<SELLER" that command `n` made."""
    buyer, seller = buyer_seller.split("<")
    return Trade(
        offset=n,
        index=0,
        at=Nanos(n),
        trade_id=f"T{n}",
        symbol=symbol,
        price=Price(price),
        qty=Shares(qty),
        buy_id=f"b{n}",
        sell_id=f"s{n}",
        buy_member=buyer,
        sell_member=seller,
        aggressor=Side.BUY,
    )


def busted(n: int, done: Trade, *, qty: int | None = None, price: int | None = None) -> Bust:
    """Return the bust by command `n` of a trade, which may have been corrected to other terms."""
    return Bust(
        offset=n,
        index=1,
        at=Nanos(n),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=done.price if price is None else Price(price),
        qty=done.qty if qty is None else Shares(qty),
        aggressor=done.aggressor,
        traded_at=done.at,
        text="",
        buy_member=done.buy_member,
        sell_member=done.sell_member,
    )


def corrected(n: int, done: Trade, *, qty: int | None = None, price: int | None = None) -> Correction:
    """Return the correction by command `n` of a trade to other terms."""
    return Correction(
        offset=n,
        index=1,
        at=Nanos(n),
        trade_id=done.trade_id,
        symbol=done.symbol,
        price=done.price if price is None else Price(price),
        qty=done.qty if qty is None else Shares(qty),
        old_price=done.price,
        old_qty=done.qty,
        aggressor=done.aggressor,
        traded_at=done.at,
        text="",
        buy_member=done.buy_member,
        sell_member=done.sell_member,
    )


def listed(n: int, symbol: str = "NBG", *, reference: int = 1_000) -> Listed:
    """Return the listing of `symbol`."""
    return Listed(
        offset=n,
        index=0,
        at=Nanos(n),
        symbol=symbol,
        name=symbol,
        tick=Price(1),
        lot=Shares(1),
        reference=Price(reference),
    )


def started(n: int, day: int = 1, **references: int) -> Started:
    """Return the start of a day at these reference prices."""
    prices = {symbol: Price(price) for symbol, price in references.items()}
    return Started(offset=n, index=0, at=Nanos(n), day=day, references=prices)


def stopped(n: int, day: int = 1, **closes: int) -> Stopped:
    """Return the stop of a day at these closing prices."""
    prices = {symbol: Price(price) for symbol, price in closes.items()}
    return Stopped(offset=n, index=0, at=Nanos(n), day=day, closes=prices)
