"""The rule-based strategy: lean towards a middling share of net worth in securities.

Source: the seed's rule fallback, with two changes: it holds when it cannot trade, and counts only what is not reserved.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from stockex.messages.views import Portfolio
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Price, Shares, euro_text

MIN_QTY: Final = 10
"""The least that a member buys, and sells if it holds as much."""

MAX_QTY: Final = 100
"""The most that a member trades at once."""

EAGERNESS_PCT: Final = 30
"""How often a member acts once its obligation is met, in percent."""

LEANING: Final = ((20, 80), (61, 50), (101, 30))
"""With holdings below so many percent of net worth a member buys so many times in a hundred, and sells else."""


class Chance(Protocol):
    """Where the strategy takes its luck from, so that the same luck gives the same decision."""

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included, each equally likely."""


class Quote(NamedTuple):
    """The best prices of one book, None where a side is empty, and the symbol's lot."""

    bid: Price | None
    ask: Price | None
    lot: Shares = Shares(1)


class Wish(NamedTuple):
    """The limit order that a member wants to place."""

    side: Side
    symbol: str
    qty: Shares
    limit: Price


class Choice(NamedTuple):
    """What a member decided, and the words that say why. No wish means that it holds."""

    text: str
    wish: Wish | None = None


def decide(portfolio: Portfolio, quotes: Mapping[str, Quote], *, chance: Chance) -> Choice:
    """Decide what the member does now.

    Args:
        portfolio: The member's money and shares; what is reserved is out of reach.
        quotes:    The market by symbol.
        chance:    The member's luck.
    Returns: An order that the member can pay or deliver, or the reason to hold.
    """
    if portfolio.obligation_met and chance.integer(1, 100) > EAGERNESS_PCT:
        return Choice(f"obligation met with {portfolio.daily.total_securities} shares: rest this round")
    side, reason = _lean(portfolio, chance=chance)
    wish = _purchase(portfolio, quotes, chance=chance) if side is Side.BUY else _sale(portfolio, quotes, chance=chance)
    if wish is None:
        cash = euro_text(portfolio.available)
        lack = f"{cash} buys {MIN_QTY} shares at no ask" if side is Side.BUY else "no free shares have a bid"
        return Choice(f"{reason}; {lack}: hold")
    price_name = "ask" if side is Side.BUY else "bid"
    return Choice(f"{reason}; {wish.qty} {wish.symbol} at the {price_name} {euro_text(wish.limit)}", wish)


def _lean(portfolio: Portfolio, *, chance: Chance) -> tuple[Side, str]:
    """Return the side to take and why: few holdings lean to buying, many to selling."""
    if not portfolio.holdings:
        return Side.BUY, "no holdings: buy"
    share_pct = 100 * portfolio.holdings_value // max(portfolio.total_value, 1)
    buy_pct = next(buy_pct for below_pct, buy_pct in LEANING if share_pct < below_pct)
    side = Side.BUY if chance.integer(1, 100) <= buy_pct else Side.SELL
    return side, f"holdings are {share_pct} % of net worth: {side.lower()}"


def _purchase(portfolio: Portfolio, quotes: Mapping[str, Quote], *, chance: Chance) -> Wish | None:
    """Draw a symbol of which the free cash buys ten shares and a lot, and a quantity that it pays."""
    cash = portfolio.available
    payable = [
        Wish(Side.BUY, symbol, Shares(cash // quote.ask), quote.ask)
        for symbol, quote in sorted(quotes.items())
        if quote.ask is not None and cash >= quote.ask * max(MIN_QTY, quote.lot)
    ]
    if not payable:
        return None
    most = payable[chance.integer(0, len(payable) - 1)]
    return _sized(most, drawn=chance.integer(MIN_QTY, MAX_QTY), lot=quotes[most.symbol].lot)


def _sale(portfolio: Portfolio, quotes: Mapping[str, Quote], *, chance: Chance) -> Wish | None:
    """Draw a holding that has a bid and a free lot, and a quantity of at most half of it, but at least ten or all."""
    free = {holding.symbol: Shares(holding.qty - holding.reserved) for holding in portfolio.holdings}
    saleable = [
        Wish(Side.SELL, symbol, free[symbol], quote.bid)
        for symbol, quote in sorted(quotes.items())
        if quote.bid is not None and free.get(symbol, 0) >= quote.lot
    ]
    if not saleable:
        return None
    most = saleable[chance.integer(0, len(saleable) - 1)]
    drawn = chance.integer(MIN_QTY, min(max(MIN_QTY, most.qty // 2), MAX_QTY))
    return _sized(most, drawn=drawn, lot=quotes[most.symbol].lot)


def _sized(most: Wish, *, drawn: int, lot: Shares) -> Wish:
    """Return the wish with the quantity drawn, no more than it had, in whole lots and at least one."""
    return most._replace(qty=Shares(max(min(drawn, most.qty) // lot, 1) * lot))
