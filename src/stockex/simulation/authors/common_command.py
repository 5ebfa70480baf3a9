"""Random commands that are common: orders that rest, trade, are replaced and cancelled; now and then a rare one."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import fields, replace

from stockex.core.dice import Dice
from stockex.core.fast.common import IDLE_SETTINGS, KNOWN_SETTINGS
from stockex.messages.orders import (
    AnyCommand,
    CancelOrders,
    ChangePhase,
    ChangeSession,
    Deposit,
    ListInstrument,
    NewOrder,
    PassTime,
    SetRules,
)
from stockex.simulation.authors.any_command import HOSTILE_PRICE, Author
from stockex.simulation.authors.any_rules import TICK, possible_rules
from stockex.vocabulary import market_rules as mr
from stockex.vocabulary.enums import OrdType, PhaseAction, SessionAction, TimeInForce
from stockex.vocabulary.units import Cash, Price, Shares

_COMMON: Final = {
    *("account", "symbol", "cl_ord_id", "orig_cl_ord_id", "side", "qty", "limit", "ord_type", "tif", "post_only"),
    *("self_trade", "source"),
}


class CommonAuthor(Author):
    """Writes commands of which one in `rare` is any at all; none is when that is 0.

    `is_near`: prices are half as far from each other as elsewhere, some of them between the coarser ticks.
    """

    def __init__(self, seed: int, *, rare: int, is_near: bool = False) -> None:
        super().__init__(seed)
        self._rare = rare
        self._is_near = is_near

    def _draw(self) -> AnyCommand:
        if self._rare and (self._killed or self._one_in(self._rare)):
            return super()._draw() if self._one_in(2) else self._calm()
        if self._rare and self._one_in(2 * self._rare):
            return replace(self._limit_order(), tif=TimeInForce.GTD, expire_at=self._expiry())
        kinds: dict[Callable[[], AnyCommand], int] = {
            self._common_order: 60,
            self._replacement: 25,
            self._cancel: 15,
        }
        return _without_rare_terms(self._dice.choose_weighted(kinds)())

    def _calm(self) -> AnyCommand:
        """Return what leads back to common trading: an open session, continuous phases, nothing waiting; or rules."""
        return self._dice.choose(
            (
                ChangeSession(action=self._dice.choose((SessionAction.START, SessionAction.RESUME)), account="OP"),
                ChangePhase(to=self._dice.choose((PhaseAction.CONTINUOUS, PhaseAction.RESUME))),
                CancelOrders(symbol=self._symbol()),
                SetRules(symbol=self._dice.choose(("MIX1", "MIX2")), rules=common_rules(self._dice)),
                self._release() if self._killed else PassTime(),
            )
        )

    def _symbol(self) -> str:
        return "NOPE" if self._one_in(100) else self._dice.choose(("ALPHA", "ALPHA", "BETA", "MIX1", "MIX2"))

    def _qty(self) -> Shares:
        return super()._qty() if self._rare else Shares(5 * self._dice.integer(1, 12))

    def _common_order(self) -> NewOrder:
        is_market = self._one_in(8)
        order = self._order(OrdType.MARKET if is_market else OrdType.LIMIT, None if is_market else self._price())
        tifs = (TimeInForce.DAY, TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
        return replace(order, tif=self._dice.choose(tifs))

    def _price(self) -> Price:
        if self._rare and self._one_in(30):
            return Price(self._dice.choose(HOSTILE_PRICE))
        if self._is_near and not self._one_in(60):
            return Price(TICK * 100 + self._dice.choose((TICK, TICK, TICK, TICK // 10)) * self._dice.integer(-1, 1))
        return Price(TICK * (self._dice.integer(1, 3_000) if self._one_in(30) else self._dice.integer(97, 103)))


def _without_rare_terms(command: AnyCommand) -> AnyCommand:
    """Return the command with the default in each field that only rare ones use."""
    rare = {field.name: field.default for field in fields(command) if field.name not in _COMMON}
    return replace(command, **rare)


def common_rules(dice: Dice) -> mr.MarketRules:
    """Return the settings of some market of which none keeps an instrument from the compiled book."""
    drawn = possible_rules(dice)
    return mr.MarketRules(**{name: getattr(drawn, name) for name in (*KNOWN_SETTINGS, *IDLE_SETTINGS)})


def common_script(seed: int, length: int, *, rare: int = 0, is_near: bool = False) -> Iterator[AnyCommand]:
    """Yield the first `length` commands of the author with this seed, after two more listings that it can trade."""
    author, dice = CommonAuthor(seed, rare=rare, is_near=is_near), Dice(seed)
    for symbol in ("MIX1", "MIX2"):
        yield ListInstrument(symbol=symbol, tick=Price(TICK), reference=Price(10_000), rules=common_rules(dice))
        for account in "ABC":
            yield Deposit(account=account, cash=Cash(500_000), symbol=symbol, qty=Shares(150))
    for _ in range(length):
        yield author.command()
