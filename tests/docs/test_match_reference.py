"""docs/reference/match-session.md tells the truth: its examples run, its tables are complete."""

import json
import re
from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from docs.markdown import blocks
from tidy.tree import ROOT

from stockex.messages import control, executions, market_data, orders
from stockex.messages.clearing import Deposited
from stockex.messages.codec import encode
from stockex.simulation.ndjson import matched

PAGE: Final = (ROOT / "docs" / "reference" / "match-session.md").read_text(encoding="utf-8")
EXAMPLES: Final = [block.text for block in blocks(PAGE) if block.marks == "in"]
ANSWERS: Final = [block.text for block in blocks(PAGE) if block.marks == "out"]
COMMANDS: Final[Sequence[type[msgspec.Struct]]] = orders.AnyCommand.__args__
FACTS: Final[Sequence[type[msgspec.Struct]]] = (
    *executions.AnyExecution.__args__,
    market_data.Trade,
    market_data.BookChanged,
    Deposited,
    *control.AnySignal.__args__,
)
ROW: Final = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def tag(kind: type[msgspec.Struct]) -> str:
    """Return the word that marks the type on the wire."""
    return str(kind.__struct_config__.tag)


def section(title: str) -> str:
    """Return what stands under a heading, as far as the next one of the same depth or above."""
    depth, rest = PAGE.split(f" {title}\n")[0].rsplit("\n", 1)[1], PAGE.split(f"# {title}\n", 1)[1]
    return re.split(rf"^#{{1,{len(depth)}}} ", rest, flags=re.MULTILINE)[0]


def answers() -> list[str]:
    """Return what the engine writes to each example, all examples being one input."""
    written = matched(line.encode() for line in "".join(EXAMPLES).splitlines(keepends=True))
    return ["".join(next(written).decode() for line in text.splitlines() if line) for text in EXAMPLES]


def test_there_are_as_many_answers_as_examples() -> None:
    """Otherwise an example would go unchecked."""
    assert len(EXAMPLES) == len(ANSWERS) > 10


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_gives_what_the_page_says(number: int) -> None:
    """Every byte of the output is as printed."""
    assert answers()[number] == ANSWERS[number]


@pytest.mark.parametrize("kind", COMMANDS, ids=tag)
def test_every_command_has_an_example_in_its_section(kind: type[msgspec.Struct]) -> None:
    """The reader sees each command at work where it is described."""
    assert f'"type": "{tag(kind)}"' in section(tag(kind))


@pytest.mark.parametrize("kind", COMMANDS, ids=tag)
def test_every_field_of_a_command_is_described_with_its_default(kind: type[msgspec.Struct]) -> None:
    """The table has the wire's fields in its order; `timestamp` and `source` are described once, above."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in {"sent_at", "source"}]
    wanted = [
        (field.encode_name, "required" if field.required else f"`{encode(field.default).decode()}`") for field in fields
    ]
    rows = [(name, cells.split("|")[2].strip()) for name, cells in ROW.findall(section(tag(kind)))]
    assert sorted(rows) == sorted([("type", "required"), *wanted])


@pytest.mark.parametrize("kind", FACTS, ids=tag)
def test_every_fact_of_the_engine_is_shown(kind: type[msgspec.Struct]) -> None:
    """An example of each fact is printed."""
    shown = {line.get("type", line.get("action")) for text in ANSWERS for line in map(json.loads, text.splitlines())}
    assert tag(kind) in shown


@pytest.mark.parametrize("kind", FACTS, ids=tag)
def test_every_field_of_a_fact_is_described(kind: type[msgspec.Struct]) -> None:
    """Its row names each of its own fields; what is common to all, or to an order's facts, stands above."""
    common = {"offset", "index", "timestamp"}
    of_order = {"order_id", "account", "cl_ord_id", "symbol", "side"}
    own = set(kind.__struct_encode_fields__) - common
    own -= of_order if "order_id" in own else set()
    row = dict(ROW.findall(section("Facts")))[tag(kind)]
    assert [name for name in sorted(own) if f"`{name}`" not in row] == []
