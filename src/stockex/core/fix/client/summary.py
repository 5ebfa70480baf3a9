"""One line about a message: what a person who scans a log wants to see of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from stockex.core.fix.client.words import Line

Fields = Mapping[int, Line]


def summary(lines: Iterable[Line]) -> str:
    """Return the line about a message that was told field by field; "" where there is nothing to say."""
    fields: dict[int, Line] = {}
    for line in lines:
        fields.setdefault(line.tag, line)
    kind = _value(fields, 35)
    tell = _TELL.get(kind, _other)
    text = tell(fields)
    return f"possible duplicate, {text}" if _value(fields, 43) == "Y" and text else text


def _value(fields: Fields, tag: int) -> str:
    return fields[tag].value if tag in fields else ""


def _word(fields: Fields, tag: int) -> str:
    """Return what a field means, its value where that has no words."""
    return (fields[tag].meaning or fields[tag].value) if tag in fields else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _order(fields: Fields) -> str:
    """Return side, quantity, symbol, type and prices of an order."""
    price, stop = _value(fields, 44), _value(fields, 99)
    words = [_word(fields, 54), _value(fields, 38), _value(fields, 55), _word(fields, 40)]
    words += [f"stop {stop}"] * bool(stop) + [f"@ {price}"] * bool(price) + [_word(fields, 59)]
    return " ".join(word for word in words if word)


def _new(fields: Fields) -> str:
    return _joined(_order(fields), _value(fields, 11))


def _about(fields: Fields) -> str:
    """Return a request about an order: which one, and what it shall be called now."""
    return _joined(_order(fields), " → ".join(filter(None, (_value(fields, 41), _value(fields, 11)))))


def _report(fields: Fields) -> str:
    last = _value(fields, 32)
    traded = f"{last} @ {_value(fields, 31)}" if last.strip("0.") else ""
    filled = f"{_value(fields, 14)} of {_value(fields, 38)} filled" if traded else ""
    what, pegged = _word(fields, 150), _value(fields, 839)
    moved = f"stands at {pegged}" if pegged else ""
    status = _word(fields, 39)
    return _joined(what, moved, traded, "" if status == what else status, filled or _order(fields), _value(fields, 58))


def _reject(fields: Fields) -> str:
    tag = f"tag {_value(fields, 371)}" if 371 in fields else ""  # noqa: PLR2004
    return _joined(f"of number {_value(fields, 45)}", _value(fields, 58) or _word(fields, 373), tag)


def _logon(fields: Fields) -> str:
    reset = "numbers begin anew" if _value(fields, 141) == "Y" else ""
    return _joined(f"heartbeat {_value(fields, 108)} s", reset, _value(fields, 553))


def _resend(fields: Fields) -> str:
    end = _value(fields, 16)
    return f"from {_value(fields, 7)} to {'the newest' if end == '0' else end}"


def _reset(fields: Fields) -> str:
    return f"{'gap fill' if _value(fields, 123) == 'Y' else 'reset'}, next is {_value(fields, 36)}"


def _mass(fields: Fields) -> str:
    count = f"{_value(fields, 533)} affected" if 533 in fields else ""  # noqa: PLR2004
    words = (_word(fields, 531) or _word(fields, 530), _word(fields, 54), _value(fields, 55), count)
    return _joined(*words, _value(fields, 58))


def _refused(fields: Fields) -> str:
    return _joined(_word(fields, 102), _value(fields, 58), _value(fields, 41))


def _other(fields: Fields) -> str:
    return _joined(_value(fields, 58), _value(fields, 55), _value(fields, 11), _value(fields, 112))


_TELL: Final[Mapping[str, Callable[[Fields], str]]] = {
    "A": _logon,
    "2": _resend,
    "3": _reject,
    "4": _reset,
    "8": _report,
    "9": _refused,
    "D": _new,
    "F": _about,
    "G": _about,
    "j": _reject,
    "q": _mass,
    "r": _mass,
}
