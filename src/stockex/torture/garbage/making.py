"""Makes garbage of every sort, from nothing and from true records."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from stockex.errors import WireError
from stockex.messages.codec import decode
from stockex.messages.envelope import Entry, Record
from stockex.messages.topics import Topic

Fields = dict[str, object]

_HOSTILE: Final = ("1e308", "-1e308", "1e999", "1e-320", f"{2**63}", f"-{2**63 + 1}", "9" * 400, "0.00001", "NaN", "1e")
_WORDS: Final = (
    "",
    "hello",
    "symbol=ALPHA;side=BUY",
    "<order/>",
    "8=FIX.4.4\x019=5\x0135=D\x01",
    "{'a': 1}",
    "\x00\x01",
)
_NO_OBJECTS: Final = ("null", "true", "0", "-1.5e300", '"new"', "[]", '[{"type":"new"}]', "[[[[]]]]", "{}", "{} {}")
_FOR_ORDERS: Final = frozenset({"new", "replace", "cancel", "mass_cancel"})
_NOT_NUMBERED: Final = frozenset({"day_settled", "member_login", "member_logout"})
_NESTED: Final = 2_000
_LONG: Final = (1_000, 100_000)
_ONE_IN: Final = 50
_FAR: Final = 10**9


class Truth(NamedTuple):
    """True records to make garbage from, by topic, and the offset above the newest command."""

    records: Mapping[Topic, Sequence[Record]]
    commands: int


class Maker:
    """Makes garbage from what is true. `seed` makes the same again."""

    def __init__(self, truth: Truth, *, seed: int) -> None:
        self._truth = truth
        self._dice = Random(seed)  # noqa: S311 (no secret)
        self._wrong: tuple[Callable[[Topic], tuple[str, bytes]], ...] = (
            self._bytes,
            self._words,
            self._no_object,
            self._no_text,
            self._cut_off,
            self._without_fields,
            self._with_another_field,
            self._with_a_hostile_value,
            self._nested,
            self._long,
        )
        self._untrue: tuple[Callable[[Topic], tuple[str, bytes]], ...] = (
            self._of_nobody,
            self._under_another_key,
            self._of_what_is_to_come,
            self._told_before,
        )

    def made(self, topic: Topic, count: int) -> Iterator[Entry]:
        """Yield so much garbage for a topic: of each sort that is no message by turns, and some that is one.

        What would be believed, by chance or for lack of true records, is none and is replaced.
        """
        for number in range(count):
            turn = number % (len(self._wrong) + len(self._untrue))
            if turn >= len(self._wrong):
                key, value = self._untrue[turn - len(self._wrong)](topic)
            else:
                key, value = self._wrong[turn](topic)
                if _is_message(topic, value):
                    value = b"{"
            yield Entry(topic, key, value)

    def _fields(self, topic: Topic) -> tuple[str, Fields]:
        """Return key and fields of a true record; of some that is no message where there is none."""
        records = self._truth.records.get(topic)
        if not records:
            return "", {"type": "note", "offset": 0, "text": "none"}
        record = self._dice.choice(records)
        return record.key, json.loads(record.value)

    def _bytes(self, _topic: Topic) -> tuple[str, bytes]:
        return "", b"\xff" + self._dice.randbytes(self._dice.randrange(200))

    def _words(self, topic: Topic) -> tuple[str, bytes]:
        return self._fields(topic)[0], self._dice.choice(_WORDS).encode()

    def _no_object(self, _topic: Topic) -> tuple[str, bytes]:
        return "", self._dice.choice(_NO_OBJECTS).encode()

    def _no_text(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        return key, json.dumps(fields).encode().replace(b'": "', b'": "\xc3\x28', 1)

    def _cut_off(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        text = json.dumps(fields).encode()
        return key, text[: self._dice.randrange(len(text))]

    def _without_fields(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        for name in self._dice.sample(sorted(fields), self._dice.randrange(1, len(fields) + 1)):
            del fields[name]
        return key, json.dumps(fields).encode()

    def _with_another_field(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        return key, json.dumps(fields | {self._dice.choice(("note", "Symbol", "", "qty")): 1}).encode()

    def _with_a_hostile_value(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        name = self._dice.choice(sorted(fields))
        return key, json.dumps(fields | {name: "@"}).replace('"@"', self._dice.choice(_HOSTILE), 1).encode()

    def _nested(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        bracket = self._dice.choice(("[", '{"a":'))
        return key, f'{{"a":{bracket * _NESTED}'.encode() + json.dumps(fields).encode()

    def _long(self, topic: Topic) -> tuple[str, bytes]:
        key, fields = self._fields(topic)
        is_very = self._dice.randrange(_ONE_IN) == 0
        return key, json.dumps(fields | {"type": "x" * _LONG[is_very], "action": "x" * _LONG[0]}).encode()

    def _of_nobody(self, topic: Topic) -> tuple[str, bytes]:
        """Return a true record about an account and a symbol that nobody has heard of."""
        key, fields = self._known(topic)
        if "symbol" not in fields:
            return "NOBODY", json.dumps(fields).encode()
        fields |= {name: f"GHOST{self._dice.randrange(99)}" for name in ("account", "symbol") if name in fields}
        return (str(fields["symbol"]) if topic is not Topic.ORDERS else key), json.dumps(fields).encode()

    def _under_another_key(self, topic: Topic) -> tuple[str, bytes]:
        """Return a true record whose key is another symbol. The engine looks at no keys, so it is not for orders."""
        if topic is Topic.ORDERS:
            return self._of_nobody(topic)
        key, fields = self._known(topic)
        return self._dice.choice((f"{key}X", "\x00", "ω" * 50)), json.dumps(fields).encode()

    def _of_what_is_to_come(self, topic: Topic) -> tuple[str, bytes]:
        """Return a fact of a command that is not there, but may be soon."""
        key, fields = self._known(topic)
        if "offset" not in fields:
            return self._under_another_key(topic)
        ahead = self._dice.choice((0, 1, self._dice.randrange(10_000), _FAR, 2**53))
        return key, json.dumps(fields | {"offset": self._truth.commands + ahead}).encode()

    def _told_before(self, topic: Topic) -> tuple[str, bytes]:
        """Return a fact once more."""
        key, fields = self._known(topic)
        return (key, json.dumps(fields).encode()) if "offset" in fields else self._under_another_key(topic)

    def _known(self, topic: Topic) -> tuple[str, Fields]:
        """Return key and fields of a true record that is numbered or, of orders, that an account sends."""
        for _ in range(_ONE_IN):
            key, fields = self._fields(topic)
            kind = fields.get("type", fields.get("action"))
            if kind not in _NOT_NUMBERED and (topic is not Topic.ORDERS or kind in _FOR_ORDERS):
                return key, fields
        return "", {"type": "note", "text": "none"}


def _is_message(topic: Topic, value: bytes) -> bool:
    try:
        decode(topic, value)
    except WireError:
        return False
    return True
