"""The documentation says what the code does: complete, fresh, without dead links, and its examples run."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import rest_page
from docs.markdown import Block, anchors, blocks, broken_links, transcript_faults
from msgspec.structs import replace
from tidy.tree import ROOT, sources

from stockex.adapters.settings import Settings, variable_of
from stockex.messages.codec import TOPICS
from stockex.messages.topics import TOPIC_NOTES, Topic
from stockex.vocabulary.enums import OrdType
from stockex.vocabulary.reasons import RULES, RejectReason

PAGES = [source.path for source in sources() if source.path.endswith(".md")]
REFERENCE = ROOT / "docs" / "reference"
RULE_NUMBER = re.compile(r"^## ([A-Z]+-\d\d)\b", re.MULTILINE)
RUNNABLE = [
    block
    for path in ("README.md", "docs/why.md")
    for block in blocks((ROOT / path).read_text(encoding="utf-8"))
    if "runs" in block.marks.split()
]


def generator() -> ModuleType:
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(name: str) -> str:
    """Return a page of docs/reference."""
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_generated_pages_are_fresh() -> None:
    """`make docs` would change nothing."""
    assert generator().stale() == []


def test_a_stale_page_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page that differs by one line is named."""
    module = generator()
    pages = module.pages()
    for path, text in pages.items():
        (tmp_path / path.name).write_text(text + ("\n" if path.name == "topics.md" else ""), encoding="utf-8")
    monkeypatch.setattr(module, "pages", lambda: {tmp_path / path.name: text for path, text in pages.items()})
    assert module.stale() == ["topics.md"]


def test_a_field_without_meaning_is_refused() -> None:
    """The generator names the field and its type."""
    module = generator()
    with pytest.raises(SystemExit, match="no meaning for timestamp of NewOrder"):
        list(module.rows_of(next(iter(TOPICS)), {"all": {}}))


def test_a_meaning_without_field_is_found() -> None:
    """What was renamed in the code cannot stay in the book."""
    assert generator().unused({"all": {"symbol": "", "gone": ""}, "Gone": {"symbol": ""}}) == [
        "all.gone",
        "Gone.symbol",
    ]


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    """The settings page has a line for the variable."""
    assert f"| `{variable_of(name)}` |" in page("settings.md")


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_is_documented(topic: Topic) -> None:
    """The topics page has a line for the topic, with its sentence."""
    assert f"| `{topic}` | {TOPIC_NOTES[topic]} |" in page("topics.md")


@pytest.mark.parametrize("kind", list(TOPICS), ids=lambda kind: kind.__name__)
def test_every_message_and_field_is_documented(kind: type[msgspec.Struct]) -> None:
    """The messages page has a section for the type and, in it, a line for each wire field."""
    section = page("messages.md").split(f"\n### {kind.__name__}\n")[1].split("\n### ")[0]
    assert [name for name in kind.__struct_encode_fields__ if f"\n| `{name}` |" not in section] == []


def test_every_route_is_documented() -> None:
    """The page of the REST interface has a line for each; a field that must be there is in bold."""
    assert "| `DELETE /api/v1/orders/{cl_ord_id}` |" in page("rest.md")
    assert "**`symbol`**, **`side`**, **`quantity`**, `price`" in page("rest.md")


@pytest.mark.parametrize("kind", list(OrdType))
def test_what_the_page_says_of_a_type_is_what_the_engine_checks(kind: OrdType) -> None:
    """What it needs is refused when it is missing, and what it may not have when it is there."""
    base = rest_page.simplest(kind)
    assert rest_page.is_taken(base)
    for name in rest_page.FIELDS:
        given, bare = replace(base, **{name: rest_page.FIELDS[name]}), replace(base, **{name: None})
        found = {"needed": (True, False), "may": (True, True), "": (False, True)}[rest_page.word(kind, name)]
        assert (rest_page.is_taken(given), rest_page.is_taken(bare)) == found, name


@pytest.mark.parametrize("reason", list(RejectReason))
def test_every_reason_is_documented(reason: RejectReason) -> None:
    """The reasons page has a line for the reason with its rule, field and sentence."""
    rule = RULES[reason]
    assert f"| `{reason}` | {rule.number} | `{rule.field}` | {rule.sentence} |" in page("reasons.md")


def test_every_reason_has_its_rule_in_the_rule_book() -> None:
    """The numbers that refusals cite are headings in docs/rules."""
    books = (ROOT / "docs" / "rules").glob("*.md")
    numbers = {number for book in books for number in RULE_NUMBER.findall(book.read_text(encoding="utf-8"))}
    assert sorted({rule.number for rule in RULES.values()} - numbers) == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Every link inside the project finds its file and its heading."""
    assert list(broken_links(ROOT / name)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """An absent file and an absent heading are two faults; links in code and to elsewhere are none."""
    file = tmp_path / "page.md"
    file.write_text(
        "# A b\n[1](absent.md) [2](#a-b) [3](#c) [4](mailto:x) \n```\n[5](gone.md)\n```\n", encoding="utf-8"
    )
    assert len(list(broken_links(file))) == 2


def test_anchors_are_made_as_forges_make_them() -> None:
    """Lower case, no punctuation, a hyphen for a space; a comment in code is no heading."""
    assert anchors("# REST, and `SSE`\n```sh\n# no\n```\n") == {"rest-and-sse"}


def test_the_readme_and_the_page_of_reasons_have_examples_that_run() -> None:
    """Otherwise the next test would check nothing."""
    assert len(RUNNABLE) > 1


@pytest.mark.parametrize("block", RUNNABLE, ids=lambda block: block.language)
def test_the_examples_of_the_pages_run(block: Block) -> None:
    """A console block shows what is printed; a Python block runs without an error."""
    language, _, text = block
    if language == "python":
        exec(compile(text, "page", "exec"), {})  # noqa: S102 (the project's own page)
    else:
        assert list(transcript_faults(text, directory=ROOT)) == []


def test_a_transcript_that_lies_is_found(tmp_path: Path) -> None:
    """Only the second of three commands prints something else than it says."""
    text = "$ echo one\none\n$ echo two\n2\n$ echo a \\\n> b c\na ... c\n"
    assert list(transcript_faults(text, directory=tmp_path)) == ["$ echo two\ntwo\n"]
