"""The people of a day: orders of every type near the market, changes and cancels."""

from collections.abc import Callable, Mapping
from typing import Final

from stockex.core.dice import Dice
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.messages.orders import AnyCommand, CancelOrder, MassCancel, NewOrder, ReplaceOrder
from stockex.vocabulary.accounts import CLIENTS, MEMBERS
from stockex.vocabulary.enums import OrdType, Side, TimeInForce
from stockex.vocabulary.units import Nanos, Price, Shares

_ACCOUNTS: Final = (*CLIENTS, *MEMBERS)
_AWAY: Final = 12
_SECOND: Final = 1_000_000_000
_PRICED: Final = {OrdType.LIMIT: 60, OrdType.STOP_LIMIT: 5, OrdType.TRAILING_STOP_LIMIT: 3, OrdType.PEG_MID: 2}
_UNPRICED: Final = {OrdType.MARKET: 12, OrdType.MARKET_TO_LIMIT: 3, OrdType.STOP: 5, OrdType.TRAILING_STOP: 3}
_TYPES: Final[Mapping[OrdType, int]] = {**_PRICED, **_UNPRICED, OrdType.PEG_PRIMARY: 2}
_LIVES: Final[Mapping[TimeInForce, int]] = {
    TimeInForce.DAY: 50,
    TimeInForce.GTC: 10,
    TimeInForce.IOC: 12,
    TimeInForce.FOK: 5,
    TimeInForce.GFA: 5,
    TimeInForce.GTD: 6,
    TimeInForce.GTT: 4,
    TimeInForce.AT_OPEN: 4,
    TimeInForce.AT_CLOSE: 4,
}


class Crowd:
    """Clients and members at their screens; `market` and `blotter` are kept current by somebody else."""

    def __init__(self, market: Market, blotter: Blotter, *, clock: Callable[[], Nanos], dice: Dice) -> None:
        self._market = market
        self._blotter = blotter
        self._clock = clock
        self._dice = dice
        self._written = 0

    def command(self) -> AnyCommand:
        """Return what one of them sends next. Some of it the exchange refuses."""
        account = self._dice.choose(_ACCOUNTS)
        own = self._blotter.open_orders(account)
        if not own or self._dice.integer(1, 10) <= 6:  # noqa: PLR2004 (a share of the mix)
            return self._order(account)
        order = self._dice.choose(own)
        if self._dice.integer(1, 20) == 1:
            return MassCancel(account=account, source="CROWD")
        if self._dice.integer(1, 2) == 1:
            return CancelOrder(account=account, orig_cl_ord_id=order.cl_ord_id, symbol=order.symbol, source="CROWD")
        return ReplaceOrder(
            account=account,
            orig_cl_ord_id=order.cl_ord_id,
            symbol=order.symbol,
            cl_ord_id=self._name(account),
            qty=Shares(order.cum + self._qty()),
            limit=None if order.limit is None else self._price(order.symbol),
            source="CROWD",
        )

    def _order(self, account: str) -> NewOrder:
        symbol = self._dice.choose(tuple(self._market.instruments))
        kind, life = self._dice.choose_weighted(_TYPES), self._dice.choose_weighted(_LIVES)
        qty = self._qty()
        is_partly_shown = kind is OrdType.LIMIT and self._dice.integer(1, 6) == 1
        trail = Price(self._market.tick(symbol) * self._dice.integer(1, _AWAY))
        return NewOrder(
            account=account,
            cl_ord_id=self._name(account),
            symbol=symbol,
            side=self._dice.choose(tuple(Side)),
            qty=qty,
            limit=self._price(symbol) if kind in _PRICED else None,
            ord_type=kind,
            tif=life,
            stop=self._price(symbol) if kind in {OrdType.STOP, OrdType.STOP_LIMIT} else None,
            trail=trail if kind in {OrdType.TRAILING_STOP, OrdType.TRAILING_STOP_LIMIT} else None,
            display=Shares(max(qty // 3, 1)) if is_partly_shown else None,
            post_only=self._dice.integer(1, 20) == 1,
            expire_at=self._soon() if life.is_timed else None,
            source="CROWD",
            sent_at=self._clock(),
        )

    def _name(self, account: str) -> str:
        self._written += 1
        return f"{account}-{self._written}"

    def _qty(self) -> Shares:
        return Shares(self._dice.integer(1, 60))

    def _soon(self) -> Nanos:
        return Nanos(self._clock() + self._dice.integer(1, 300) * _SECOND)

    def _price(self, symbol: str) -> Price:
        tick = self._market.tick(symbol)
        return Price(self._market.mark(symbol) // tick * tick + tick * self._dice.integer(-_AWAY, _AWAY))
