"""`stockex match --book compiled`: the same lines as on the plain book, at once, in batches."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest
from msgspec.structs import replace
from properties.exchange_commands import SETUP, script
from typer.testing import CliRunner

from stockex.adapters.profiles import profile, profile_names
from stockex.cli import commands
from stockex.core.snapshot import digest
from stockex.messages.codec import encode
from stockex.messages.orders import ListInstrument
from stockex.simulation.authors.common_command import common_script
from stockex.simulation.books import open_exchange, open_fast_exchange
from stockex.simulation.ndjson import in_batches, matched, matched_in_batches
from stockex.vocabulary.market_rules import MarketRules

EXAMPLES: Final = Path(__file__).parents[3] / "docs" / "examples"
WITHOUT: Final = "import sys; sys.modules['{}'] = None; from stockex.cli import main; main()"


def written(seed: int, rules: MarketRules) -> list[bytes]:
    """Return a thousand lines: common commands, any at all, and some that are none; with times, and blanks."""
    dice = Random(seed)
    listings = [replace(listing, rules=rules) for listing in SETUP if isinstance(listing, ListInstrument)]
    wanted = [*listings, *common_script(seed, 800, rare=30), *script(seed, 200)]
    lines = [encode(command) for command in wanted]
    for place in range(len(lines)):
        if dice.randrange(3) == 0:
            lines[place] = lines[place][:-1] + b',"timestamp":%d.5}' % (place - dice.randrange(50))
        if dice.randrange(50) == 0:
            lines[place] = dice.choice((b"", b"  ", b"what?", lines[place][:-1], lines[place] + b" \r", b"[]"))
    return lines


def cut(lines: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Yield the lines in batches of any size."""
    dice, start = Random(seed), 0
    while start < len(lines):
        size = dice.choice((0, 1, 2, 7, 100))
        yield b"".join(line + b"\n" for line in lines[start : start + size])
        start += size


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", profile_names())
def test_the_lines_are_those_of_the_plain_book(seed: int, name: str) -> None:
    """Under each profile, whatever lines come and wherever batches end: equal bytes, and equal digests."""
    lines = written(seed, profile(name))
    plain, fast = open_exchange(), open_fast_exchange()
    expected = [fact for facts in matched(lines, exchange=plain) for fact in facts.splitlines()]
    assert b"".join(matched_in_batches(cut(lines, seed), fast)).splitlines() == expected
    assert digest(fast.whole()) == digest(plain)


def test_a_profile_holds_in_batches_too() -> None:
    """Where the record names no rules."""
    listing = b'{"type":"instrument","symbol":"A","tick":0.01,"reference":25}'
    (facts,) = matched_in_batches([listing], open_fast_exchange(), rules=profile("crypto"))
    assert b'"self_trade":"DECREMENT_AND_CANCEL"' in facts


def test_what_is_there_is_answered_before_more_is_read() -> None:
    """Input may pause anywhere, within a line too; the last line needs no newline."""
    chunks = iter([b"one\ntwo\nthr", b"ee\n", b"four", b""])
    assert list(in_batches(lambda _most: next(chunks))) == [b"one\ntwo\n", b"three\n", b"four"]


def test_a_program_may_write_a_line_and_wait_for_its_facts() -> None:
    """The command line answers a pipe that stays open."""
    listing = b'{"type":"instrument","symbol":"A","tick":0.01,"reference":25}\n'
    order = b'{"type":"new","account":"a","cl_ord_id":"1","symbol":"A","side":"BUY","quantity":5,"price":25}\n'
    command = [sys.executable, "-m", "stockex", "match", "--book", "compiled"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603 (ours)
        assert running.stdin is not None
        assert running.stdout is not None
        for line, kinds in ((listing, (b"list",)), (order, (b"accepted", b"rested", b"book"))):
            running.stdin.write(line)
            running.stdin.flush()
            assert all(kind in running.stdout.readline() for kind in kinds)
        _, counts = running.communicate()
    said = counts.splitlines()[-1]
    assert said.startswith(b"A: compiled now, everything is common; 1 commands on compiled, 1 on plain")


def test_machine_code_is_made_once_and_people_are_told(tmp_path: Path) -> None:
    """The first start says that it takes a while, and makes all of it; a later one finds all of it and says nothing."""
    command = [sys.executable, "-m", "stockex", "match", "--book", "compiled"]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(command, input=lines, env=environment, capture_output=True, check=True).stderr  # noqa: S603 (ours)
        for lines in (b"[]\n", (EXAMPLES / "every-record.ndjson").read_bytes())
    ]
    assert said[0].startswith(b"stockex: making machine code for the compiled book, once")
    assert said[1].startswith(b"ALPHA: plain now")


def test_every_example_is_answered_alike() -> None:
    """Both books, with reasons and without, give the same output."""
    lines = (EXAMPLES / "every-record.ndjson").read_bytes()
    for options in ([], ["--explain"]):
        found = [
            CliRunner().invoke(commands, ["match", "--book", book, *options], input=lines).stdout
            for book in ("plain", "compiled")
        ]
        assert found[0] == found[1]
        assert found[0].count("\n") > 100


@pytest.mark.parametrize("missing", ["numba", "numpy"])
def test_without_the_extra_the_compiled_book_says_what_is_missing(missing: str) -> None:
    """One line that names the extra; the plain book needs neither."""
    for book, status in (("compiled", 1), ("plain", 0)):
        command = [sys.executable, "-c", WITHOUT.format(missing), "match", "--book", book]
        found = subprocess.run(command, input=b"", capture_output=True, check=False)  # noqa: S603 (ours)
        assert found.returncode == status
        said = f"stockex: book compiled: no {missing}; install the extra `fast`: stockex[fast]\n" if status else ""
        assert found.stderr.decode() == said
