"""What FIX 4.4 allows: fields, enumerations, messages, components and groups, read from a text.

The text has one declaration a line; an indented line goes on with the one before it, `#` begins a remark:

    version FIX.4.4
    field 54 Side CHAR 1=BUY 2=SELL
    component Parties NoPartyIDs( PartyID PartyRole )
    header BeginString! MsgType! SenderCompID!
    trailer CheckSum!
    message D NewOrderSingle app ClOrdID! @Parties Side!

`!` marks what must be there, `@` a component, and parentheses hold what a group repeats. A member of a component must
be there only where the component must. A fault of the text is our own: it comes with the package.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from stockex.core.fix.kinds import PATTERNS

USER_FIELDS: Final = 5000
"""Tags from here on are not the standard's but agreed upon."""

FRAME: Final = frozenset({8, 9, 35, 10})
"""Tags of the frame around a message."""


class Field(msgspec.Struct, frozen=True):
    """One field of the standard.

    Attributes:
        meanings: What each allowed value means; empty when any value of the kind is allowed.
        pattern: A regular expression that all of an allowed value matches.
    """

    tag: int
    name: str
    kind: str
    meanings: Mapping[str, str]
    pattern: str
    is_formatted: "re.Pattern[str]"
    is_allowed: "re.Pattern[str]"


class Layout(msgspec.Struct, frozen=True):
    """Which fields a header, body, trailer or group entry has.

    Attributes:
        order: Tags in the order in which they are declared; a group's first one begins each entry.
        must: Tags that must be there, in that order.
        groups: The layout of the entries, by the tag of the count.
    """

    order: Mapping[int, int]
    must: tuple[int, ...]
    groups: Mapping[int, "Layout"]


class MessageType(msgspec.Struct, frozen=True):
    """One type of message."""

    msg_type: str
    name: str
    is_admin: bool
    body: Layout


class Dictionary(msgspec.Struct, frozen=True):
    """All of one version of FIX."""

    version: str
    fields: Mapping[int, Field]
    tags: Mapping[str, int]
    header: Layout
    trailer: Layout
    messages: Mapping[str, MessageType]
    lengths: Mapping[int, int]
    """The tag of a data field to the tag of its length."""

    @classmethod
    def from_text(cls, text: str) -> "Dictionary":
        """Read a dictionary. Cost: some tens of milliseconds for FIX 4.4."""
        lines = list(_declarations(text))
        fields = {field.tag: field for field in (_field(rest) for word, rest in lines if word == "field")}
        tags = {field.name: field.tag for field in fields.values()}
        reader = _Members(tags, {rest[0]: rest[1:] for word, rest in lines if word == "component"})
        layouts = {word: reader.layout(rest) for word, rest in lines if word in {"header", "trailer"}}
        messages = [
            MessageType(rest[0], rest[1], rest[2] == "admin", reader.layout(rest[3:]))
            for word, rest in lines
            if word == "message"
        ]
        return cls(
            version=next(rest[0] for word, rest in lines if word == "version"),
            fields=fields,
            tags=tags,
            header=layouts["header"],
            trailer=layouts["trailer"],
            messages={message.msg_type: message for message in messages},
            lengths=dict(_lengths(fields)),
        )


def _declarations(text: str) -> Iterator[tuple[str, list[str]]]:
    joined = text.replace("\n ", " ")
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            word, *rest = line.split()
            yield word, rest


def _field(rest: list[str]) -> Field:
    tag, name, kind = rest[:3]
    meanings = dict(value.split("=", 1) for value in rest[3:])
    form = PATTERNS[kind]
    pattern = form
    if meanings:
        pattern = f"(?:{'|'.join(re.escape(value) for value in sorted(meanings, key=len, reverse=True))})"
        if kind == "MULTIPLEVALUESTRING":
            pattern = f"{pattern}(?: {pattern})*"
    return Field(int(tag), name, kind, meanings, pattern, re.compile(form), re.compile(pattern))


def _lengths(fields: Mapping[int, Field]) -> Iterator[tuple[int, int]]:
    """Yield each data field with its length: the field of that kind whose name begins like it."""
    by_name = {field.name: field.tag for field in fields.values()}
    for field in fields.values():
        if field.kind == "DATA":
            yield field.tag, by_name.get(f"{field.name}Len") or by_name[f"{field.name}Length"]


class _Members:
    """Turns names into layouts."""

    def __init__(self, tags: Mapping[str, int], components: Mapping[str, list[str]]) -> None:
        self._tags = tags
        self._components = components

    def layout(self, words: list[str]) -> Layout:
        """Return the layout of a list of members."""
        order: dict[int, int] = {}
        must: list[int] = []
        groups: dict[int, Layout] = {}
        for name, is_needed, inner in self._members(iter(words), is_needed=True):
            tag = self._tags[name]
            if tag not in order:
                order[tag] = len(order)
                if is_needed and tag not in FRAME:
                    must.append(tag)
                if inner is not None:
                    groups[tag] = self.layout(inner)
        return Layout({tag: place for tag, place in order.items() if tag not in FRAME}, tuple(must), groups)

    def _members(self, words: Iterator[str], *, is_needed: bool) -> Iterator[tuple[str, bool, list[str] | None]]:
        """Yield name, whether it must be there, and the words of a group."""
        for word in words:
            is_group = word.endswith("(")
            name = word.rstrip("(").rstrip("!").removeprefix("@")
            must = is_needed and word.rstrip("(").endswith("!")
            if word.startswith("@"):
                yield from self._members(iter(self._components[name]), is_needed=must)
            else:
                yield name, must, _enclosed(words) if is_group else None


def _enclosed(words: Iterator[str]) -> list[str]:
    """Take the words up to the parenthesis that closes."""
    taken: list[str] = []
    depth = 1
    for word in words:
        depth += word.endswith("(") - (word == ")")
        if not depth:
            break
        taken.append(word)
    return taken
