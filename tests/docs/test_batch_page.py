"""The page on the batch interface: its example prints what it says, and its tables are those of the records."""

import re
from typing import Final

import pytest
from tidy.tree import ROOT

from stockex.core.matching.compiled.records import COMMAND, FACT

PAGE: Final = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The code runs as it stands."""
    code = re.search(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    said = re.search(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert code is not None
    assert said is not None
    exec(compile(code[1], "docs/batch.md", "exec"), {})  # noqa: S102 (our own page)
    assert capsys.readouterr().out == said[1]


@pytest.mark.parametrize(("name", "dtype"), [("COMMAND", COMMAND), ("FACT", FACT)])
def test_the_tables_are_the_records(name: str, dtype: object) -> None:
    """Each field with its type, in their order."""
    assert dtype in (COMMAND, FACT)
    kind = COMMAND if dtype == COMMAND else FACT
    table = PAGE.split(f"| `{name}` | Type |")[1].split("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    written = [(field, kinds.strip()) for names, kinds in rows for field in re.findall(r"`(\w+)`", names)]
    assert kind.names is not None
    assert written == [(field, str(kind[field])) for field in kind.names]
    assert kind.itemsize == 64
