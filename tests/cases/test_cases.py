"""The worked examples of venues and of other engines' tests, and proof that each kind of expectation can fail."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stockex.cli import commands
from stockex.errors import StockExError
from stockex.simulation.books import Book
from stockex.simulation.cases.explain import told
from stockex.simulation.cases.format import Case, cases_in
from stockex.simulation.cases.run import ran, report

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.jsonl"))
CASES = [case for file in FILES for case in cases_in(file)]

STEPS = """
{"do": "new", "id": "a", "side": "buy", "qty": 5, "type": "limit", "price": "10.00"}
{"do": "new", "id": "b", "side": "buy", "qty": 7, "type": "limit", "price": "9.99"}
{"do": "new", "id": "c", "side": "sell", "qty": 8, "type": "limit", "price": "10.02", "display": 3}
{"do": "new", "id": "s", "side": "sell", "qty": 4, "type": "stop", "stop": "9.00"}
{"do": "new", "id": "t", "side": "sell", "qty": 2, "type": "limit", "price": "10.00"}
{"do": "new", "id": "i", "side": "buy", "qty": 2, "type": "limit", "price": "9.00", "tif": "ioc"}
"""
CALL = """
{"do": "phase", "to": "call"}
{"do": "new", "id": "x", "side": "sell", "qty": 1, "type": "limit", "price": "10.00"}
"""
TRUE = (
    '{"trades": [{"buy": "a", "sell": "t", "maker": "a", "taker": "t", "qty": 2, "price": "10"}]}',
    '{"filled": {"a": {"qty": 2, "cost": "20.00"}, "b": {"qty": 0}}}',
    '{"bids": [{"id": "a", "qty": 3}, {"price": "9.990", "type": "limit"}]}',
    '{"asks": [{"id": "c", "qty": 8, "visible": 3, "hidden": 5}]}',
    '{"best_bid": {"id": "a", "price": "10"}, "best_ask": {"id": "c"}}',
    '{"bids_depth": [["10", 3, 1], ["9.99", 7, 1]], "asks_depth": [["10.02", 8, 1]]}',
    '{"bbo": ["10", "10.02"]}',
    '{"orders": {"s": {"qty": 4, "stop": "9", "type": "stop", "price": null}}}',
    '{"exactly": {"a": {}, "b": {"qty": 7}, "c": {"side": "sell"}, "s": {}}}',
    '{"cancelled": ["i"]}',
    '{"orders": {"a": {"filled": 2, "tif": "day", "display": null, "min_exec": null}, "c": {"display": 3}}}',
)
FALSE = (
    '{"trades": []}',
    '{"trades": [{"buy": "t"}]}',
    '{"trades": [{"maker": "t"}]}',
    '{"trades": [{"price": "10.01"}]}',
    '{"trades": [{"qty": 2}, {"qty": 2}]}',
    '{"filled": {"a": {"qty": 3}}}',
    '{"filled": {"a": {"cost": "20.01"}}}',
    '{"bids": [{"id": "a"}]}',
    '{"bids": [{"id": "b"}, {"id": "a"}]}',
    '{"asks": [{"hidden": 0}]}',
    '{"asks": [{"type": "market"}]}',
    '{"best_bid": {"qty": 5}}',
    '{"best_bid": null}',
    '{"best_ask": {"price": "10.03"}}',
    '{"bids": [{"filled": 0}]}',
    '{"bids": [{"tif": "gtc"}]}',
    '{"asks": [{"display": 8, "min_visible": null}]}',
    '{"asks": [{"display": 3, "min_visible": 1}]}',
    '{"orders": {"s": {"min_exec": 1, "peg_limit": null}}}',
    '{"orders": {"s": {"peg_limit": "9"}}}',
    '{"bids_depth": [["10", 3, 1]]}',
    '{"asks_depth": [["10.02", 8, 2]]}',
    '{"bbo": ["10", null]}',
    '{"orders": {"s": {"stop": "9.01"}}}',
    '{"orders": {"t": {}}}',
    '{"exactly": {"a": {}, "b": {}, "c": {}}}',
    '{"exactly": {"a": {}, "b": {}, "c": {}, "s": {}, "t": {}}}',
    '{"cancelled": []}',
)
AUCTION = '"price": "10.00", "volume": 1, "surplus": 2'


def case(tmp_path: Path, *lines: str, settings: str = "{}") -> Case:
    """Return one case of these steps, one a line."""
    steps = ", ".join(line for text in lines for line in text.strip().splitlines())
    file = tmp_path / "one.jsonl"
    file.write_text(f'{{"id": "one", "settings": {settings}, "steps": [{steps}]}}\n', encoding="utf-8")
    return next(cases_in(file))


def expecting(expected: str) -> str:
    """Return an expectation as a step."""
    return json.dumps({"do": "expect", **json.loads(expected)})


@pytest.mark.parametrize("example", CASES, ids=lambda example: example.name)
@pytest.mark.parametrize("book", Book)
def test_the_exchange_does_what_the_venue_says(example: Case, book: Book) -> None:
    """Every expectation of every case holds, on either book."""
    assert list(report(ran(example, book=book))) == []


@pytest.mark.parametrize("expected", TRUE)
def test_what_is_so_passes(tmp_path: Path, expected: str) -> None:
    """Only the fields that are named are compared."""
    assert ran(case(tmp_path, STEPS, expecting(expected))).failures == ()


@pytest.mark.parametrize("expected", FALSE)
def test_what_is_not_so_fails(tmp_path: Path, expected: str) -> None:
    """Each kind of expectation can fail."""
    assert len(ran(case(tmp_path, STEPS, expecting(expected))).failures) == 1


@pytest.mark.parametrize("end", ["", '{"do": "phase", "to": "uncross"}'])
def test_an_auction_is_seen_while_the_call_runs_and_after(tmp_path: Path, end: str) -> None:
    """The indicative price, then that of the auction held."""
    expected = expecting(f'{{"auction": {{{AUCTION}}}}}')
    assert ran(case(tmp_path, STEPS, CALL, end, expected)).failures == ()


@pytest.mark.parametrize("wrong", ['{"price": "9.99"}', '{"volume": 2}', '{"surplus": -2}', "null"])
def test_another_auction_fails(tmp_path: Path, wrong: str) -> None:
    """Price, volume and signed surplus are compared."""
    assert len(ran(case(tmp_path, STEPS, CALL, expecting(f'{{"auction": {wrong}}}'))).failures) == 1


def test_trades_fills_and_cancels_are_told_once(tmp_path: Path) -> None:
    """An expectation speaks of what happened since the last that named the same."""
    told_once = [TRUE[0], TRUE[1], TRUE[9], '{"trades": [], "filled": {"a": {"qty": 0, "cost": "0"}}, "cancelled": []}']
    assert ran(case(tmp_path, STEPS, *map(expecting, told_once))).failures == ()


def test_a_label_comes_again_once_its_order_is_gone(tmp_path: Path) -> None:
    """The second t is another order, and cancelling it does not touch the first."""
    again = '{"do": "new", "id": "t", "side": "buy", "qty": 6, "type": "limit", "price": "9.00"}'
    cancelled = '{"do": "cancel", "id": "t", "side": "buy"}'
    seen = expecting('{"orders": {"t": {"qty": 6}}}')
    gone = expecting('{"exactly": {"a": {}, "b": {}, "c": {}, "s": {}}}')
    assert ran(case(tmp_path, STEPS, again, seen, cancelled, gone)).failures == ()


def test_a_failure_is_told_with_its_place_and_what_was_refused(tmp_path: Path) -> None:
    """Expected and got stand in the notation of the file; an order off the tick explains itself."""
    off = '{"do": "new", "id": "o", "side": "buy", "qty": 6, "type": "limit", "price": "9.005"}'
    assert list(report(ran(case(tmp_path, STEPS, off, expecting('{"bbo": ["9.99", null]}'))))) == [
        "FAIL one.jsonl, line 1 one: step 8, bbo",
        '  expected ["9.99",null]',
        '  got      ["10.00","10.02"]',
        "  step 7: refused new o: OFF_TICK (VAL-07), price 9.005, tick 0.01",
    ]


def test_a_last_price_triggers_stops(tmp_path: Path) -> None:
    """As if it had traded there: the stop sells to the best bid."""
    last = '{"do": "last_price", "price": "8.99"}'
    expected = expecting('{"trades": [{"taker": "t"}, {"buy": "a", "sell": "s", "qty": 3}, {"buy": "b", "qty": 1}]}')
    assert ran(case(tmp_path, STEPS, last, expected)).failures == ()


def test_an_empty_side_has_no_best(tmp_path: Path) -> None:
    """Null says that nothing is expected."""
    nothing = '{"best_bid": null, "best_ask": null, "bbo": [null, null], "bids_depth": [], "auction": null}'
    assert ran(case(tmp_path, expecting(nothing))).failures == ()
    assert len(ran(case(tmp_path, expecting('{"best_bid": {"id": "a"}}'))).failures) == 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "line 2, whole line: Input data was truncated"),
        ('{"id": "n"}', "line 2, steps: Object missing required field `steps`"),
        ('{"id": "n", "steps": [{"do": "dance"}]}', "line 2, steps[0].do: Invalid value 'dance'"),
        ('{"id": "n", "steps": [{"do": "expect", "x": 1}]}', "line 2, steps[0]: Object contains unknown field `x`"),
        ('{"id": "n", "steps": [{"do": "last_price", "price": 10}]}', "line 2, steps[0].price: expected a decimal"),
        ('{"id": "n", "steps": [], "settings": {"tick": "0"}}', "line 2, settings.tick: expected a price above zero"),
        ('{"id": "n", "steps": [], "settings": {"tick": "a"}}', "line 2, settings.tick: expected a decimal text"),
        ('{"id": "n", "steps": [], "settings": {"ice": "a"}}', "line 2, settings, ice: no such setting; there are"),
        ('{"id": "n", "steps": [], "settings": {"replace": "a"}}', "settings, replace: expected keep_on_decrease or"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str, fault: str) -> None:
    """File, line and field, and what was wrong."""
    file = tmp_path / "bad.jsonl"
    file.write_text(f'{{"id": "ok", "steps": []}}\n{line}\n', encoding="utf-8")
    with pytest.raises(StockExError) as caught:
        list(cases_in(file))
    assert fault in str(caught.value)
    assert "bad.jsonl" in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A directory is no file of cases."""
    with pytest.raises(StockExError, match="Is a directory"):
        list(cases_in(tmp_path))


def test_the_command_counts_and_succeeds() -> None:
    """The last line is the count."""
    found = CliRunner().invoke(commands, ["cases", *map(str, FILES), "--book", "plain"])
    assert (found.exit_code, found.output) == (0, f"{len(CASES)} passed, 0 failed\n")


def test_the_command_fails_with_a_case(tmp_path: Path) -> None:
    """The exit status is not zero, and both are counted."""
    one = case(tmp_path, STEPS, expecting(FALSE[0]))
    (tmp_path / "two.jsonl").write_text('{"id": "two", "steps": []}\n\n', encoding="utf-8")
    found = CliRunner().invoke(commands, ["cases", str(tmp_path / "one.jsonl"), str(tmp_path / "two.jsonl")])
    assert (found.exit_code, found.output.splitlines()[-1]) == (1, "1 passed, 1 failed")
    assert one.name == "one"


@pytest.mark.parametrize("example", CASES, ids=lambda example: example.name)
def test_every_case_can_be_explained(example: Case) -> None:
    """Step by step, and no expectation is said to fail."""
    lines = list(told(example))
    assert len(lines) > len(example.steps)
    assert not [line for line in lines if "FAIL" in line]


def lines_of(name: str) -> list[str]:
    """Return the story of a case, without its steps and what they expect."""
    example = next(example for example in CASES if example.name == name)
    return [line.strip() for line in told(example) if line.startswith("       ")]


def test_an_auction_is_explained_by_its_table() -> None:
    """The price is marked, and each step of the ladder says what it left."""
    story = lines_of("tsx-cop-1")
    assert ">        10.00        1,000          800          800          200" in story
    assert story[-1].startswith("AUC-07")
    assert (
        "AUC-02         Something trades from 9.99 to 10.00; max_volume leaves 10.00. So 10.00 by max_volume, as at no "
        "other price as much trades: 800 trade, surplus +200."
    ) in story


def test_fills_and_remainders_are_explained() -> None:
    """Why this order, why this price, and why the rest ended."""
    *story, rest = lines_of("tsx-ioc")[-6:]
    assert story == [
        "001 buys 100 from 005 at 10.00",
        "TRD-01         001 stood at 10.00, the best bid, and was the only order shown there.",
        "TRD-03         The price is 10.00, the limit of 001, which rested.",
        "TRD-03         The limit of 005 was 10.00, just the price.",
        "005 is cancelled: 400 (IOC_REMAINDER)",
    ]
    assert rest == (
        "TRD-05         005 ends with 400 open, 100 had traded: an IOC order never rests, and the best bid shown is "
        "9.99, beyond its limit 10.00."
    )


def test_a_refusal_is_explained() -> None:
    """With the reason, its rule and its sentence."""
    assert lines_of("cointossx-cancelOrder-1") == [
        "refused cancel 1: UNKNOWN_ORDER (VAL-03), order no-1 in CASE",
        "VAL-03         Refused, UNKNOWN_ORDER: The account has no such open order in this symbol. Order no-1 in CASE.",
    ]
