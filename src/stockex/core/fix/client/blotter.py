"""The orders and executions of a client, from what it has sent and what it was told.

An order has one line, whatever ClOrdIDs its replacements gave it. What a report says stands; before it, what was asked.

Source: FIX 4.4, volume 4, ExecutionReport (8), OrderCancelReject (9) and the order state change matrices.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from stockex.core.fix.message import Fields, Message, head

KEPT: Final = 5_000
"""How many orders, and how many executions, are kept: the newest."""

_TERMS: Final = (18, 38, 40, 44, 54, 55, 59, 99, 110, 111, 126, 211, 432, 839)
_ENDED: Final = frozenset("2348C")
_FILL, _CORRECTED, _BUSTED = "F", "G", "H"
_SENT: Final = "sent"


class OrderLine(msgspec.Struct):
    """One order.

    Attributes:
        key: The ClOrdID that it was entered with.
        cl_ord_id: The one that it has now.
        terms: What it asks for, by tag: 18, 38, 40, 44, 54, 55, 59, 99, 110, 111, 126, 211, 432, 839.
        status: OrdStatus (39), "sent" until there is a report.
        pending: What was asked of it and is not answered: "cancel", "replace" or "".
        sent_at: When it was sent, 0 for one that we did not send.
        answered_at: When the first report came, 0 before.
    """

    key: str
    cl_ord_id: str
    terms: dict[int, str]
    sent_at: int
    order_id: str = ""
    status: str = _SENT
    cum: str = "0"
    leaves: str = ""
    average: str = "0"
    pending: str = ""
    text: str = ""
    answered_at: int = 0
    updated_at: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it."""
        return self.status not in _ENDED


class Execution(msgspec.Struct):
    """One report of a trade. `status` is "" as long as the trade stands, else "busted" or "corrected"."""

    exec_id: str
    key: str
    symbol: str
    side: str
    qty: str
    price: str
    at: int
    status: str = ""


Changed = OrderLine | Execution


class Blotter:
    """All lines, by what names them."""

    def __init__(self) -> None:
        self.orders: dict[str, OrderLine] = {}
        self.executions: dict[str, Execution] = {}
        self._keys: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, bool]] = {}

    def said(self, message: Message, at: int) -> list[Changed]:
        """Take a message that we sent for the first time; return the lines that it changed."""
        kind = message.msg_type
        if kind == "D":
            return [self._enter(message.body, at, number=head(message, 34))]
        if kind == "E":
            return [self._enter(leg, at, number=head(message, 34)) for leg in message.group(73)]
        line = self._line(message.text(41)) if kind in {"F", "G"} else None
        if line is None:
            return []
        line.pending = "cancel" if kind == "F" else "replace"
        self._name(message.text(11), line)
        self._numbers[head(message, 34)] = line.key, False
        return [line]

    def heard(self, message: Message, at: int) -> list[Changed]:
        """Take a message that was delivered; return the lines that it changed."""
        match message.msg_type:
            case "8":
                return self._reported(message, at)
            case "9":
                return self._refused(message, at)
            case "j":
                return self.rejected(message, at)
            case _:
                return []

    def rejected(self, message: Message, at: int) -> list[Changed]:
        """Take a Reject (3) or BusinessMessageReject (j) of what we sent: the venue knows nothing of it."""
        key, is_order = self._numbers.get(message.text(45), ("", False))
        line = self.orders.get(key)
        if line is None:
            return []
        line.text, line.updated_at = message.text(58), at
        if line.status == _SENT and is_order:
            line.status, line.leaves = "8", "0"
        line.pending = ""
        return [line]

    def _enter(self, body: Fields, at: int, *, number: str) -> OrderLine:
        cl_ord_id = _text(body, 11)
        line = OrderLine(key=cl_ord_id, cl_ord_id=cl_ord_id, terms=_terms(body), sent_at=at, updated_at=at)
        self._numbers[number] = line.key, True
        return self._file(line)

    def _file(self, line: OrderLine) -> OrderLine:
        self.orders[line.key] = line
        self._name(line.cl_ord_id, line)
        if len(self.orders) > KEPT:
            gone = next(iter(self.orders))
            del self.orders[gone]
            self._keys = {name: key for name, key in self._keys.items() if key != gone}
            self._numbers = {number: of for number, of in self._numbers.items() if of[0] != gone}
        return line

    def _name(self, cl_ord_id: str, line: OrderLine) -> None:
        self._keys[cl_ord_id] = line.key

    def _line(self, cl_ord_id: str) -> OrderLine | None:
        return self.orders.get(self._keys.get(cl_ord_id, ""))

    def _reported(self, message: Message, at: int) -> list[Changed]:
        text = message.text
        line = self._line(text(41)) or self._line(text(11))
        if line is None:
            line = self._file(OrderLine(key=text(11), cl_ord_id=text(11), terms={}, sent_at=0))
        line.terms |= _terms(message.body)
        line.order_id, line.status, line.updated_at = text(37), text(39), at
        line.cum, line.leaves, line.average, line.text = text(14), text(151), text(6), text(58)
        line.answered_at = line.answered_at or at
        if text(150) == "5":
            line.cl_ord_id = text(11)
            self._name(text(11), line)
        if text(150) not in {"6", "E", "I", _FILL} or not line.is_open:
            line.pending = ""
        return [line, *self._executed(message, line, at=at)]

    def _executed(self, message: Message, line: OrderLine, *, at: int) -> list[Execution]:
        text = message.text
        if text(150) == _FILL:
            names = {"symbol": line.terms.get(55, ""), "side": line.terms.get(54, "")}
            done = Execution(text(17), line.key, qty=text(32), price=text(31), at=at, **names)
            self.executions[done.exec_id] = done
            if len(self.executions) > KEPT:
                del self.executions[next(iter(self.executions))]
            return [done]
        changed = self.executions.get(text(19))
        if changed is None or text(150) not in {_CORRECTED, _BUSTED}:
            return []
        changed.status = "busted" if text(150) == _BUSTED else "corrected"
        if text(150) == _CORRECTED:
            changed.qty, changed.price = text(32) or changed.qty, text(31) or changed.price
        return [changed]

    def _refused(self, message: Message, at: int) -> list[Changed]:
        line = self._line(message.text(41)) or self._line(message.text(11))
        if line is None:
            return []
        line.pending, line.text, line.updated_at = "", message.text(58), at
        return [line]


def _text(body: Fields, tag: int) -> str:
    value = body.get(tag, "")
    return value if isinstance(value, str) else ""


def _terms(body: Fields) -> dict[int, str]:
    """Return the terms that a body states."""
    found: Mapping[int, str] = {tag: _text(body, tag) for tag in _TERMS}
    return {tag: value for tag, value in found.items() if value}
