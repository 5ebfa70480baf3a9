"""Random commands that are common: orders that rest, trade, are replaced and cancelled; now and then a rare one."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import fields, replace
from properties.exchange_commands import Author

from stockex.messages.orders import AnyCommand, CancelOrders, ChangePhase, ChangeSession, NewOrder, PassTime
from stockex.vocabulary.enums import OrdType, PhaseAction, SessionAction, TimeInForce
from stockex.vocabulary.units import Price

_COMMON: Final = {
    *("account", "symbol", "cl_ord_id", "orig_cl_ord_id", "side", "qty", "limit", "ord_type", "tif", "post_only"),
    *("self_trade", "source"),
}


class CommonAuthor(Author):
    """Writes commands of which one in `rare` is any at all; none is when that is 0."""

    def __init__(self, seed: int, *, rare: int) -> None:
        super().__init__(seed)
        self._rare = rare

    def command(self) -> AnyCommand:
        """Return the next command."""
        if self._rare and (self._killed or self._one_in(self._rare)):
            return super().command() if self._one_in(2) else self._calm()
        kinds: dict[Callable[[], AnyCommand], int] = {
            self._common_order: 60,
            self._replacement: 25,
            self._cancel: 15,
        }
        return _without_rare_terms(self._dice.choose_weighted(kinds)())

    def _calm(self) -> AnyCommand:
        """Return what leads back to common trading: an open session, continuous phases, no orders that wait."""
        return self._dice.choose(
            (
                ChangeSession(action=self._dice.choose((SessionAction.START, SessionAction.RESUME)), account="OP"),
                ChangePhase(to=self._dice.choose((PhaseAction.CONTINUOUS, PhaseAction.RESUME))),
                CancelOrders(symbol=self._symbol()),
                self._release() if self._killed else PassTime(),
            )
        )

    def _symbol(self) -> str:
        return "NOPE" if self._one_in(100) else self._dice.choose(("ALPHA", "ALPHA", "BETA", "MIX1"))

    def _common_order(self) -> NewOrder:
        is_market = self._one_in(8)
        order = self._order(OrdType.MARKET if is_market else OrdType.LIMIT, None if is_market else self._price())
        tifs = (TimeInForce.DAY, TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
        return replace(order, tif=self._dice.choose(tifs))

    def _price(self) -> Price:
        return super()._price() if self._one_in(20) else Price(100 * self._dice.integer(97, 103))


def _without_rare_terms(command: AnyCommand) -> AnyCommand:
    """Return the command with the default in each field that only rare ones use."""
    rare = {field.name: field.default for field in fields(command) if field.name not in _COMMON}
    return replace(command, **rare)


def common_script(seed: int, length: int, *, rare: int = 0) -> Iterator[AnyCommand]:
    """Yield the first `length` commands of the author with this seed."""
    author = CommonAuthor(seed, rare=rare)
    return (author.command() for _ in range(length))
