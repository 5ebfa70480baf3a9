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
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from stockex.core.fix.kinds import PATTERNS

USER_FIELDS: Final = 5000
"""Tags from here on are not the standard's but agreed upon."""

FRAME: Final = frozenset({8, 9, 35, 10})
"""Tags of the frame around a message."""


class Field(msgspec.Struct, frozen=True, dict=True):
    """One field of the standard. Its expressions are made when they are first asked for: few of 900 ever are.

    Attributes:
        meanings: What each allowed value means; empty when any value of the kind is allowed.
    """

    tag: int
    name: str
    kind: str
    meanings: Mapping[str, str]

    @cached_property
    def pattern(self) -> str:
        """A regular expression that all of an allowed value matches."""
        if not self.meanings:
            return PATTERNS[self.kind]
        pattern = f"(?:{'|'.join(re.escape(value) for value in sorted(self.meanings, key=len, reverse=True))})"
        return f"{pattern}(?: {pattern})*" if self.kind == "MULTIPLEVALUESTRING" else pattern

    @cached_property
    def is_formatted(self) -> "re.Pattern[str]":
        """What a value of its kind matches, allowed or not."""
        return re.compile(PATTERNS[self.kind])

    @cached_property
    def is_allowed(self) -> "re.Pattern[str]":
        """What an allowed value matches."""
        return re.compile(self.pattern)


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
        """Read a dictionary. Cost: some ten milliseconds for FIX 4.4."""
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
    return Field(int(tag), name, kind, dict(value.split("=", 1) for value in rest[3:]))


def _lengths(fields: Mapping[int, Field]) -> Iterator[tuple[int, int]]:
    """Yield each data field with its length: the field of that kind whose name begins like it."""
    by_name = {field.name: field.tag for field in fields.values()}
    for field in fields.values():
        if field.kind == "DATA":
            yield field.tag, by_name.get(f"{field.name}Len") or by_name[f"{field.name}Length"]


class _Member(NamedTuple):
    """A field of a message, component or group, and the layout of what it repeats, if it counts entries."""

    tag: int
    is_needed: bool
    group: Layout | None


class _Members:
    """Turns names into layouts."""

    def __init__(self, tags: Mapping[str, int], components: Mapping[str, list[str]]) -> None:
        self._tags = tags
        self._components = components
        self._read: dict[str, list[_Member]] = {}

    def layout(self, words: list[str]) -> Layout:
        """Return the layout of a list of members."""
        members: dict[int, _Member] = {}
        for member in self._members(words):
            members.setdefault(member.tag, member)
        return Layout(
            {tag: place for place, tag in enumerate(members) if tag not in FRAME},
            tuple(tag for tag, member in members.items() if member.is_needed and tag not in FRAME),
            {tag: member.group for tag, member in members.items() if member.group is not None},
        )

    def _members(self, words: list[str]) -> Iterator[_Member]:
        left = iter(words)
        for word in left:
            name, is_needed = word.strip("@!("), word.rstrip("(").endswith("!")
            if word.startswith("@"):
                for member in self._component(name):
                    yield member if is_needed else member._replace(is_needed=False)
            else:
                group = self.layout(_enclosed(left)) if word.endswith("(") else None
                yield _Member(self._tags[name], is_needed, group)

    def _component(self, name: str) -> list[_Member]:
        """Return the members of a component, each read once however many messages have it."""
        if name not in self._read:
            self._read[name] = list(self._members(self._components[name]))
        return self._read[name]


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
