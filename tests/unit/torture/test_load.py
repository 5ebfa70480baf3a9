"""What the accounts that load an exchange send, and what they remember; the clock that jumps."""

import json
from collections.abc import Mapping
from random import Random

import pytest

from stockex.torture.kills.jumping import jumping
from stockex.torture.kills.trader import Item, Trader

TAKEN = {"status": 201, "fills": [{"trade_id": "5-1"}]}
UNKNOWN = {"status": 503, "error": {"message": "outcome unknown"}}
DUPLICATE = {"status": 409, "error": {"reason": "DUPLICATE_CL_ORD_ID"}}
REFUSED = {"status": 422, "error": {"reason": "INSUFFICIENT_CASH"}}


def body(*answers: Mapping[str, object]) -> bytes:
    """Return a body of these answers."""
    return json.dumps(answers).encode()


def trader(*items: Item) -> Trader:
    """Return one who has sent these items, after having put them back."""
    made = Trader("A", Random(1))
    made.put_back(items)
    assert made.items() == list(items)
    return made


def test_what_was_taken_is_remembered_with_its_fills() -> None:
    """And what was refused by a rule is not."""
    items = [Item("new", "ALPHA", "A-1"), Item("new", "ALPHA", "A-2")]
    subject = trader(*items)
    subject.hear(items, body(TAKEN, REFUSED))
    told = subject.tell()
    assert (told.taken, told.trades) == (["A-1"], ["5-1"])
    assert subject.tell().taken == []


def test_what_had_no_answer_is_sent_again_first() -> None:
    """A broken connection, or an outcome that nobody knows; a duplicate then says that it was there."""
    items = [Item("new", "ALPHA", "A-1"), Item("new", "ALPHA", "A-2")]
    subject = trader(*items)
    subject.miss(items[:1])
    subject.hear(items[1:], body(UNKNOWN))
    assert subject.items() == items
    subject.hear(items, body(DUPLICATE, TAKEN))
    told = subject.tell()
    assert (told.taken, told.silent, told.turned) == (["A-1", "A-2"], 2, [])


def test_what_was_refused_must_not_be_there() -> None:
    """An order that the exchange could not take is not in the log: neither now nor when it is sent again."""
    items = [Item("new", "ALPHA", "A-1"), Item("cancel", "ALPHA", orig_cl_ord_id="A-0")]
    subject = trader(*items)
    subject.refuse(items)
    assert (subject.tell().refused, subject.items()) == (["A-1"], items)
    subject.hear(items, body(DUPLICATE, {"status": 200}))
    told = subject.tell()
    assert (told.turned, told.refused, told.ended) == (["A-1"], [], ["A-0"])


@pytest.mark.parametrize("fates", [("refuse", "miss"), ("miss", "refuse")])
def test_a_refused_order_without_an_answer_may_be_there(fates: tuple[str, str]) -> None:
    """Sent twice, and once never answered, nobody knows any more: not even when it was refused the second time."""
    items = [Item("new", "ALPHA", "A-1")]
    subject = trader(*items)
    for fate in fates:
        getattr(subject, fate)(items)
    assert subject.tell().refused == []
    subject.hear(items, body(DUPLICATE))
    assert subject.tell().turned == []
    subject.refuse(items)
    assert subject.tell().refused == ["A-1"]


def test_orders_rest_trade_and_are_cancelled_and_never_pile_up() -> None:
    """All kinds occur; of those that rest a bounded number is left."""
    subject, kinds, left = Trader("A", Random(1)), set(), 0
    for _ in range(500):
        items = subject.items()
        subject.hear(items, body(*[{"status": 201 if item.type == "new" else 200} for item in items]))
        kinds |= {(item.type, item.side, item.ord_type) for item in items}
        left += sum(1 if item.price is not None else -(item.type == "cancel") for item in items)
    assert kinds >= {("new", "BUY", "LIMIT"), ("new", "BUY", "MARKET"), ("new", "SELL", "MARKET")}
    assert 0 < left <= 80


def test_the_jumping_clock_goes_back_and_forth() -> None:
    """It follows from its seed, stays within a minute of the truth, and is not always behind or ahead."""
    second = 1_000_000_000
    clocks = [jumping(iter(range(0, 60 * second, second)).__next__, Random(5)) for _ in range(2)]
    offs = [clocks[0]() - number * second for number in range(60)]
    assert offs == [clocks[1]() - number * second for number in range(60)]
    assert min(offs) < -second < second < max(offs)
    assert max(map(abs, offs)) <= 60 * second
