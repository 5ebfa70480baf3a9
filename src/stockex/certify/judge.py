"""What a client sent against what a scenario expects: field by field, with the first difference in words.

| Written | Means |
| --- | --- |
| `54=1` | this value; numbers are compared as numbers |
| `11=fresh` | a value that the client has not used for this tag |
| `44=*`, `!99` | there, not there |
| `108=1..60` | a number between, both included |
| `41=$id`, `36=$out+3` | the value that has this name, three more |
| `112=?test` | any value; it has this name from now on |
| `58=no~cash` | `~` is a space |
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec import Struct

from stockex.core.fix.message import Fields, Message, flat
from stockex.errors import ConfigurationError

_FIELD: Final = re.compile(r"([0-9]+)=(.*)")
_RANGE: Final = re.compile(r"(-?[0-9.]+)\.\.(-?[0-9.]+)")

Values = Mapping[int, str]


class Memory(Struct):
    """What is known in a conversation.

    Attributes:
        names: Values by name.
        used: Values of the tags that must be fresh, over all scenarios.
    """

    names: dict[str, str]
    used: dict[int, set[str]]

    def value(self, text: str) -> str:
        """Return what a written value stands for. Raises: ConfigurationError: a name that nothing has."""
        if not text.startswith("$"):
            return text.replace("~", " ")
        name, sign, more = text[1:].partition("+")
        if name not in self.names:
            raise ConfigurationError(f"nothing is called {text} here")
        return str(int(self.names[name]) + int(more)) if sign else self.names[name]


def values_of(message: Message) -> Values:
    """Return header and body of a message by tag; of what a group repeats, the first."""
    found: dict[int, str] = {}
    for part in (message.header, message.body):
        for tag, value in flat(part):
            found.setdefault(tag, value)
    return found


def fields_of(words: list[str], memory: Memory) -> dict[int, str]:
    """Return the fields that are written to be sent. Raises: ConfigurationError."""
    fields: dict[int, str] = {}
    for word in words:
        match = _FIELD.fullmatch(word)
        if match is None:
            raise ConfigurationError(f"{word!r} is no field")
        fields[int(match[1])] = memory.value(match[2])
    return fields


def difference(words: list[str], values: Values, *, memory: Memory) -> str:
    """Return the first difference between what is expected and what came, "" for none; learn names and values."""
    for word in words:
        if word.startswith("!"):
            if int(word[1:]) in values:
                return f"tag {word[1:]} must not be there, but is {values[int(word[1:])]}"
            continue
        match = _FIELD.fullmatch(word)
        if match is None:
            raise ConfigurationError(f"{word!r} is no field")
        tag, wanted = int(match[1]), match[2]
        if tag not in values:
            return f"tag {tag} is missing"
        if fault := _fault(tag, wanted, found=values[tag], memory=memory):
            return fault
    return ""


def _fault(tag: int, wanted: str, *, found: str, memory: Memory) -> str:
    if wanted == "*":
        return ""
    if wanted.startswith("?"):
        memory.names[wanted[1:]] = found
        return ""
    if wanted == "fresh":
        used = memory.used.setdefault(tag, set())
        if found in used:
            return f"tag {tag} is {found}, which was used before"
        used.add(found)
        return ""
    between = _RANGE.fullmatch(wanted)
    if between is not None:
        is_between = found.isdigit() and Decimal(between[1]) <= Decimal(found) <= Decimal(between[2])
        return "" if is_between else f"tag {tag} is {found}, not from {between[1]} to {between[2]}"
    value = memory.value(wanted)
    return "" if _is_same(found, value) else f"tag {tag} is {found}, not {value}"


def _is_same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def plain(fields: Fields) -> Iterator[str]:
    """Yield the fields of a message as they are written."""
    return (f"{tag}={value}" for tag, value in flat(fields))
