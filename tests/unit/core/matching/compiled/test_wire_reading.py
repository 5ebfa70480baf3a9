"""A line that is read into a record means what the codec reads in it; every other line is left to the codec."""

import json
from collections.abc import Sequence
from random import Random
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from properties.exchange_commands import script

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.wire.reading import RARE, Lines, read, scratch
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, SOURCE, SYMBOL, Texts
from stockex.messages.codec import decode_command, encode
from stockex.messages.orders import AnyCommand, CancelOrder, NewOrder, ReplaceOrder
from stockex.simulation.authors.common_command import common_script
from stockex.vocabulary.units import Nanos, Price, Shares

NEW: Final = '{"type":"new","account":"a","cl_ord_id":"1","symbol":"ALPHA","side":"BUY","quantity":5%s}'
FRAGMENTS: Final = (
    *'"\\{},:[] \t\r\n0.-e\x7f\x00',
    *("00", ".5", "1e2", "null", "true", "false", "[]", "{}", "é", '"type"', '"new"', '"price":1', ',"price":2.50'),
    *('"symbol"', "\\u0041", '"timestamp":1.5', ',"timestamp":12.000001', "9" * 16, "A" * 65, ',"source":"x y"', ",,"),
)


def lines_of(texts: Texts, lines: Sequence[bytes]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the records of the lines, and the times that they name."""
    for symbol in ("ALPHA", "BETA", "MIX1", "MIX2"):
        texts.number(SYMBOL, symbol)
    text = np.frombuffer(b"".join(lines), np.uint8)
    ends = np.cumsum([len(line) for line in lines]).astype(np.int64)
    starts = ends - np.array([len(line) for line in lines], np.int64)
    texts.make_room(len(text), 4 * len(lines) + 1)
    sent_at, records = np.zeros(len(lines), np.int64), np.zeros(len(lines), r.COMMAND)
    read(texts.arrays, Lines(text, starts, ends, sent_at, *scratch()), records)
    return records, sent_at


def kind(line: str | bytes) -> int:
    """Return the kind of command that one line is read as."""
    raw = line.encode() if isinstance(line, str) else line
    return int(lines_of(Texts(), [raw])[0]["kind"][0])


def told(texts: Texts, record: np.void, sent_at: int) -> AnyCommand:
    """Return the command that a record says."""
    flags = int(record["flags"])
    qty = Shares(int(record["qty"])) if flags & r.HAS_QTY else None
    limit = Price(int(record["price"])) if flags & r.HAS_PRICE else None
    names: dict[str, str | None] = {"account": texts.text(ACCOUNT, record["account"])}
    names |= {"symbol": texts.text(SYMBOL, record["symbol"]), "source": texts.text(SOURCE, record["source"])}
    for name, number in (("cl_ord_id", int(record["client"])), ("orig_cl_ord_id", int(record["target"]))):
        if number != r.NONE:
            assert texts.arrays.owners[number] == record["account"]
        names[name] = None if number == r.NONE else texts.text(CLIENT, number)
    time = None if sent_at < 0 else Nanos(sent_at)
    if record["kind"] == r.NEW:
        del names["orig_cl_ord_id"]
        mode = int(record["self_trade"])
        return NewOrder(
            sent_at=time,
            side=r.SIDES[record["side"]],
            qty=qty or Shares(0),
            limit=limit,
            ord_type=r.ORD_TYPES[record["ord_type"]],
            tif=r.TIFS[record["tif"]],
            post_only=bool(flags & r.POST_ONLY),
            self_trade=r.SELF_TRADES[mode - 1] if mode else None,
            **names,  # type: ignore[arg-type]  # none of them is None
        )
    if record["kind"] == r.CANCEL:
        return CancelOrder(sent_at=time, **names)  # type: ignore[arg-type]  # only the id may be None
    return ReplaceOrder(sent_at=time, qty=qty, limit=limit, **names)  # type: ignore[arg-type]  # only the id may be None


def check(lines: Sequence[bytes]) -> int:
    """Hold every line that was read against the codec; return how many were."""
    texts = Texts()
    records, times = lines_of(texts, lines)
    for line, record, time in zip(lines, records, times, strict=True):
        if record["kind"] != RARE:
            assert told(texts, record, int(time)) == decode_command(line), line
    return int((records["kind"] != RARE).sum())


def damaged(line: bytes, dice: Random) -> bytes:
    """Return the line with one to three things put in, left out, changed or moved."""
    text = bytearray(line)
    for _ in range(dice.choice((1, 1, 2, 3))):
        place = dice.randrange(len(text) + 1)
        match dice.randrange(4):
            case 0:
                text[place:place] = dice.choice(FRAGMENTS).encode()
            case 1:
                del text[place : place + dice.randrange(1, 12)]
            case 2:
                text[place : place + 1] = dice.choice('"\\{}:, 0123456789.eE-+nultrfaZ').encode()
            case _:
                fields = bytes(text[1:-1]).split(b",")
                dice.shuffle(fields)
                fields = fields[: dice.choice((len(fields), dice.randrange(1, len(fields) + 1)))]
                text = bytearray(b"{" + dice.choice((b",", b" , ", b",\t")).join(fields) + b"}")
    return bytes(text)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_read_is_what_the_codec_reads(seed: int) -> None:
    """Random commands as the codec writes them; those of the usual types are read."""
    lines = [encode(command) for command in script(seed, 1_000)]
    assert check(lines) > len(lines) // 4


@pytest.mark.parametrize("seed", range(3))
def test_fields_may_come_in_any_sequence(seed: int) -> None:
    """A field that is not where the codec writes it is found all the same; the kind may be the last."""
    dice, seen = Random(seed), 0
    for line in map(encode, common_script(seed, 60)):
        fields = list(json.loads(line).items())
        dice.shuffle(fields)
        mixed = json.dumps(dict(fields), separators=dice.choice([(",", ":"), (" , ", " : ")])).encode()
        texts = Texts()
        (whole, again), times = lines_of(texts, [line, mixed])
        assert again["kind"] == whole["kind"], mixed
        seen += whole["kind"] != RARE
        if whole["kind"] != RARE:
            assert (whole.tobytes(), times[0]) == (again.tobytes(), times[1])
    assert seen > 40


def test_a_damaged_line_is_never_read_as_another() -> None:
    """Sixty thousand lines, each with something wrong: read as the codec does, or not at all."""
    dice = Random(3)
    lines = [
        encode(command) for command in script(1, 500) if isinstance(command, NewOrder | CancelOrder | ReplaceOrder)
    ]
    assert check([damaged(dice.choice(lines), dice) for _ in range(60_000)]) > 2_000


@pytest.mark.parametrize(
    "more",
    [
        "",
        ',"price":10',
        ',"price":10.0',
        ',"price":0.0001,"source":"the web"',
        ' , "price" : 10.25 ,\t"timestamp":1.000001',
        ',"timestamp":1796117271.623531',
        ',"timestamp":4294967296.0',
        ',"price":null,"self_trade":null,"hidden":false,"source":""',
        ',"price":1,"ord_type":"LIMIT","time_in_force":"IOC","post_only":true,"self_trade":"ALLOW"',
    ],
)
def test_usual_orders_are_read(more: str) -> None:
    """Spaces, order and defaults do not matter."""
    assert kind(NEW % more) == r.NEW
    assert check([(NEW % more).encode()]) == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "[]",
        "{}",
        NEW % "" + "x",
        NEW % ',"stop_price":10',
        NEW % ',"hidden":true',
        NEW % ',"timestamp":4294967296.000001',
        NEW % ',"timestamp":12345678901',
        NEW % ',"price":1e1',
        NEW % ',"price":10.00000',
        NEW % ',"price":-1',
        NEW % ',"price":01',
        NEW % ',"price":1.',
        NEW % ',"price":',
        NEW % ',"price":1,"price":null',
        NEW % ',"price":1000000000000',
        NEW % ',"nothing":1',
        NEW % ',"source":"\\n"',
        NEW % ',"source":5',
        NEW % ',"type":"new"',
        (NEW % "").replace('"a"', '"a b"'),
        (NEW % "").replace('"a"', '""'),
        (NEW % "").replace('"a"', '"' + "a" * 65 + '"'),
        (NEW % "").replace('"a"', "null"),
        (NEW % "").replace("ALPHA", "OMEGA"),
        (NEW % "").replace('"side":"BUY",', ""),
        (NEW % "").replace('"BUY"', '"buy"'),
        (NEW % "").replace('"new"', '"deposit"'),
        (NEW % "").replace('"type":"new",', ""),
        (NEW % "").replace("5", "5.0"),
    ],
)
def test_unusual_lines_are_left_to_the_codec(line: str) -> None:
    """What has another form, asks for more, or is no command at all."""
    assert kind(line) == RARE


def test_numbers_come_back_as_their_texts() -> None:
    """Ids of two accounts have numbers of their own, also after the texts have moved to larger arrays."""
    texts = Texts()
    wanted = {}
    for number in range(5_000):
        account = texts.number(ACCOUNT, f"a{number % 7}")
        wanted[texts.number(CLIENT + account, f"o{number // 7}")] = (account, f"o{number // 7}")
    assert sorted(wanted) == list(range(5_000))
    for number, (account, text) in wanted.items():
        assert (texts.text(CLIENT, number), texts.found(CLIENT + account, text)) == (text, number)


def test_wall_clock_times_are_read_to_the_microsecond() -> None:
    """Any instant of today's clocks, as the codec writes it."""
    dice = Random(1)
    lines = [(NEW % f',"timestamp":{dice.randrange(10**15, 2**32 * 10**6) / 10**6!r}').encode() for _ in range(2_000)]
    assert check(lines) == len(lines)


def test_forgotten_numbers_are_given_out_again_and_no_others() -> None:
    """Numbers of ids that nobody can ask for any more serve other ids; the rest keep theirs."""
    texts = Texts()
    account = texts.number(ACCOUNT, 'q"')
    numbers = [texts.number(CLIENT + account, f"old{number}") for number in range(10)]
    is_dead = np.zeros(len(texts.arrays.owners), np.bool_)
    is_dead[numbers[3:5]] = True
    texts.forget(is_dead)
    assert texts.found(CLIENT + account, "old3") == r.NONE
    assert texts.found(CLIENT + account, "old5") == numbers[5]
    assert {texts.number(CLIENT + account, f"new{number}") for number in range(3)} == {3, 4, 10}
    assert (texts.text(ACCOUNT, account), len(texts)) == ('q"', 12)
    assert texts.count(CLIENT) == 11


def test_too_many_sources_are_left_to_the_codec() -> None:
    """Sources are few; whoever invents them does not fill the memory."""
    texts = Texts()
    lines = [(NEW % f',"source":"{number}"').encode() for number in range(1_100)]
    assert int((lines_of(texts, lines)[0]["kind"] == RARE).sum()) == 100
