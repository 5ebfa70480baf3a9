"""The order of a scenario as the venue tells it: execution reports with the right quantities."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from stockex.adapters.clock import wall_clock
from stockex.certify.judge import Values
from stockex.core.fix.times import stamp
from stockex.errors import ConfigurationError

_STATES: Final = {
    "new": ("0", "0"),
    "pending_new": ("A", "A"),
    "pending_cancel": ("6", "6"),
    "pending_replace": ("E", "E"),
    "cancelled": ("4", "4"),
    "replaced": ("5", "0"),
    "rejected": ("8", "8"),
    "expired": ("C", "C"),
    "done": ("3", "3"),
    "restated": ("D", "0"),
    "suspended": ("9", "9"),
    "status": ("I", "0"),
    "fill": ("F", "1"),
    "bust": ("H", "1"),
    "correct": ("G", "1"),
}
"""ExecType (150) and OrdStatus (39); the latter for an order of which nothing is filled."""

_ENDS: Final = frozenset({"cancelled", "rejected", "expired", "done"})
_PENDING: Final = frozenset({"pending_cancel", "pending_replace", "pending_new", "suspended"})
_ORIG: Final = 41
_CARRIED: Final[tuple[int, ...]] = (18, 40, 44, 54, 55, 59, 99, 111, 126, 211)


class Ticket(Struct):
    """One order. Quantities are whole shares.

    Attributes:
        values: The fields that it was entered with, or replaced with.
        request: The fields of the cancel or replacement that is not answered.
    """

    values: dict[int, str]
    order_id: str
    request: dict[int, str] = {}
    cum: int = 0
    cost: Decimal = Decimal(0)
    count: int = 0
    is_over: bool = False

    @property
    def qty(self) -> int:
        """What it asks for."""
        return int(Decimal(self.values.get(38, "0")))

    def report(self, what: str, words: list[str]) -> dict[int, str]:
        """Return the body of an execution report.

        Args:
            what: One of the states above.
            words: For a trade `4 @ 20.00`.

        Raises:
            ConfigurationError: the scenario says nothing that can be reported.
        """
        if what not in _STATES:
            raise ConfigurationError(f"{what!r} is no state of an order")
        exec_type, status = _STATES[what]
        told: dict[int, str] = {}
        if what in {"fill", "bust", "correct"}:
            told |= self._trade(what, words)
        asked = self.request
        if what == "replaced":
            self.values = {**self.values, **{tag: value for tag, value in asked.items() if tag != _ORIG}}
        if what in {"cancelled", "replaced", "pending_cancel", "pending_replace"} and asked:
            told |= {11: asked[11], 41: asked[41]}
        if what in {"cancelled", "replaced"}:
            self.request = {}
        self.is_over = self.is_over or what in _ENDS
        self.count += 1
        return {**self._figures(), **told, 150: exec_type, 39: self._status(what, status)}

    def ask(self, values: Values) -> None:
        """Take a cancel or a replacement."""
        self.request = {tag: values[tag] for tag in (11, 41, 38, 40, 44, 99) if tag in values}

    def reject(self) -> dict[int, str]:
        """Return the body of an OrderCancelReject, without its reason."""
        asked, self.request = self.request, {}
        if not asked:
            raise ConfigurationError("there is no request to refuse")
        response = "2" if 40 in asked else "1"  # noqa: PLR2004
        status = self._status("status", "0")
        return {37: self.order_id, 11: asked[11], 41: asked[41], 39: status, 434: response, 60: stamp(wall_clock())}

    def _trade(self, what: str, words: list[str]) -> dict[int, str]:
        qty, at, price = words
        if at != "@":
            raise ConfigurationError(f"a trade is told as `4 @ 20.00`, not as {' '.join(words)!r}")
        sign = -1 if what == "bust" else 1
        if what != "correct":
            self.cum += sign * int(qty)
            self.cost += sign * int(qty) * Decimal(price)
        told = {32: qty, 31: price}
        return told if what == "fill" else {**told, 19: f"{self.order_id}-1"}

    def _figures(self) -> dict[int, str]:
        leaves = 0 if self.is_over else self.qty - self.cum
        average = f"{self.cost / self.cum:f}" if self.cum else "0"
        carried = {tag: self.values[tag] for tag in _CARRIED if tag in self.values}
        return {
            **carried,
            11: self.values[11],
            37: self.order_id,
            17: f"{self.order_id}-{self.count}",
            38: str(self.qty),
            14: str(self.cum),
            151: str(leaves),
            6: average,
            60: stamp(wall_clock()),
        }

    def _status(self, what: str, status: str) -> str:
        if what in _ENDS | _PENDING:
            return status
        if self.is_over:
            return "4"
        if self.cum >= self.qty > 0:
            return "2"
        return "1" if self.cum else "0"
