"""Books that come to the compiled engine and go again, and lines that it cannot read."""

from collections.abc import Callable, Sequence
from typing import Final, cast

import numpy as np
import pytest

from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.engine import LARGEST_WINDOW
from stockex.core.matching.compiled.lending.lender import FEWEST_FORGOTTEN, Lender, rows_for
from stockex.core.matching.compiled.machine.code import compiled
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, Texts
from stockex.core.matching.ids import REMEMBERED
from stockex.core.snapshot import digest, dump
from stockex.simulation.books import open_exchange, open_fast_exchange
from stockex.simulation.ndjson import matched, matched_in_batches

TICK: Final = 100
LISTING: Final = b'{"type":"instrument","symbol":"A","tick":0.01,"reference":25%s}'
ORDER: Final = b'{"type":"new","account":"%s","cl_ord_id":"%s","symbol":"A","side":"%s","quantity":5,"price":%s}'


def lender(texts: Texts | None = None) -> tuple[Lender, int]:
    """Return a lender with one symbol, whose orders stand elsewhere, and the symbol's number."""
    lending = Lender(Texts() if texts is None else texts, is_open=True)
    return lending, lending.list_away(tick=TICK, lot=1)


def offers(number: int, *ticks: int) -> Records:
    """Return one order of one share for sale at each price."""
    rows = rows_for(len(ticks))
    for place, (row, tick) in enumerate(zip(rows, ticks, strict=True)):
        row["id"], row["place"], row["price"], row["leaves"] = 100 + place, 1 + place, tick * TICK, 1
        row["symbol"], row["client"], row["side"] = number, place, r.SELL
    return rows


def answers(lines: Sequence[bytes]) -> bytes:
    """Return the facts of the lines, as one batch; those of the plain book are the same, and so is what is left."""
    plain, fast = open_exchange(), open_fast_exchange()
    found = b"".join(matched_in_batches([b"\n".join(lines)], fast))
    assert found == b"".join(matched(lines, exchange=plain))
    assert fast.dump() == dump(plain)
    assert digest(fast.whole()) == digest(plain)
    return found


def test_more_orders_than_there_is_room_for_find_room() -> None:
    """A book of any size may come, and goes as it came, best price first."""
    lending, number = lender()
    count = len(lending.tables.orders) + 1
    lending.client(count)
    rows = offers(number, *(1 + place % 50 for place in range(count)))
    assert lending.take_over(number, rows, places=count, last=None)
    assert (lending.is_here(number), lending.places(number), lending.last(number)) == (True, count, None)
    back = lending.give_back(number)
    assert not lending.is_here(number)
    assert back["id"].tolist() == rows["id"][np.argsort(rows["price"], kind="stable")].tolist()


def test_prices_too_far_apart_stay_elsewhere() -> None:
    """No window spans them; once they are near each other the book may come, with its last price."""
    lending, number = lender()
    assert not lending.take_over(number, offers(number, 1, 2 + LARGEST_WINDOW), places=2, last=None)
    assert not lending.is_here(number)
    assert lending.take_over(number, offers(number, 1, LARGEST_WINDOW), places=2, last=5 * TICK)
    assert (lending.is_here(number), lending.last(number)) == (True, 5 * TICK)


def test_a_new_client_id_has_room() -> None:
    """However large its number."""
    lending, _ = lender()
    number = 3 * len(lending.tables.clients)
    lending.client(number)["slot"] = 7
    assert (int(lending.client(number)["slot"]), int(lending.client(number - 1)["slot"])) == (7, 0)


def test_old_client_ids_are_forgotten_once_many_have_come() -> None:
    """Ids that were used long ago, or never, give their number to new ones, twice; an open order's id does not."""
    texts = Texts()
    lending, _ = lender(texts)
    account = texts.number(ACCOUNT, "a")
    ids = [texts.number(CLIENT + account, name) for name in ("old", "open", "late", "unused")]
    lending.row_of(account)["used"] = REMEMBERED + 1
    for number, used in zip(ids, (1, 1, REMEMBERED + 1, 0), strict=True):
        lending.client(number)["used"] = used
    lending.client(ids[1])["slot"] = 7
    lending.forget()
    assert texts.found(CLIENT + account, "old") == ids[0]
    for _ in range(2):
        lending._look_at = 0
        lending.forget()
    found = [texts.found(CLIENT + account, name) for name in ("old", "open", "late", "unused")]
    assert found == [r.NONE, ids[1], ids[2], r.NONE]
    assert {texts.number(CLIENT + account, name) for name in ("new", "newer")} == {ids[0], ids[3]}
    assert lending._look_at == 3 + FEWEST_FORGOTTEN


@pytest.mark.parametrize(
    "line",
    [
        b'{"":1}',
        b"{%s}" % b",".join(b'"a%d":1' % place for place in range(80)),
        b'{"type":"time"}',
        b'{"type":"time","at":12',
        b'{"type":"cancel","account":"a","orig_cl_ord_id":"1","symbol":"A","side":"BUY"}',
        (ORDER % (b"c", b"1", b"BUY", b"25"))[:-1] + b',"self_trade":"NOBODY"}',
        (ORDER % (b"c", b"1", b"BUY", b"25"))[:-1] + b',"post_only":1}',
    ],
)
def test_what_is_no_common_command_is_answered_by_the_plain_book(line: bytes) -> None:
    """A field without a name, more fields than any command has, a rare command: between orders, on either book."""
    order = ORDER % (b"a", b"1", b"BUY", b"25")
    assert answers([LISTING % b"", order, line, ORDER % (b"b", b"1", b"SELL", b"25")]).count(b'"aggressor":"SELL"') == 2


def test_who_has_orders_in_many_books_is_found_in_all() -> None:
    """A mass cancel without a symbol, and trades by either side that are busted afterwards."""
    listed = [LISTING.replace(b'"A"', b'"%s"' % symbol) % b"" for symbol in (b"A", b"B", b"C")]
    bids = [
        (ORDER % (b"a", b"%d" % place, b"BUY", b"25")).replace(b'"A"', b'"%s"' % symbol)
        for place, symbol in enumerate((b"A", b"C", b"A"))
    ]
    offers = [ORDER % (b"b", b"%d" % place, b"SELL", price) for place, price in enumerate((b"25", b"26"))]
    lifted = ORDER % (b"c", b"1", b"BUY", b"26")
    busts = [b'{"type":"bust_trade","trade_id":"%s"}' % trade for trade in (b"6-1", b"8-1")]
    facts = answers([*listed, *bids, *offers, lifted, b'{"type":"mass_cancel","account":"a"}', *busts])
    assert (facts.count(b'"reason":"MASS_CANCEL"'), facts.count(b'"type":"trade_busted"')) == (2, 2)


def test_blank_lines_have_a_number_and_are_no_commands() -> None:
    """Spaces and tabs too; the offset of what follows counts them."""
    lines = [LISTING % b"", b"", b" \t ", ORDER % (b"a", b"1", b"BUY", b"25"), b"  ", b""]
    assert b'"offset":3' in answers(lines)


@pytest.mark.parametrize("remainder", [b'"rests_unpriced"', b'"rests_at_collar","market_collar":1'])
def test_a_market_order_is_rare_where_it_may_rest(remainder: bytes) -> None:
    """Its remainder rests without a price or at one of its own, which only the plain book knows."""
    order = b'{"type":"new","account":"a","cl_ord_id":"1","symbol":"A","side":"BUY","quantity":5,"ord_type":"MARKET"}'
    rules = b',"rules":{"market_remainder":%s}' % remainder
    assert b"MARKET_REMAINDER" in answers([LISTING % b"", order])
    assert b"MARKET_REMAINDER" not in answers([LISTING % rules, order])


def phase(to: bytes) -> bytes:
    """Return the command that leads the instrument to a phase."""
    return b'{"type":"phase","symbol":"A","to":"%s"}' % to


def orders(*terms: tuple[bytes, bytes, bytes]) -> list[bytes]:
    """Return orders of (account, side, price)."""
    return [ORDER % (account, b"%d" % place, side, price) for place, (account, side, price) in enumerate(terms)]


def test_the_static_range_is_around_the_last_auction() -> None:
    """A trade near the reference, but far from the auction's price, interrupts trading."""
    auction, later = orders((b"a", b"BUY", b"26"), (b"b", b"SELL", b"26")), [(b"c", b"SELL"), (b"d", b"BUY")]
    rules = LISTING % b',"rules":{"static_range_bp":200}'
    near, far = ([ORDER % (who, price, side, price) for who, side in later] for price in (b"26.4", b"25.2"))
    calm = answers([rules, phase(b"call"), *auction, phase(b"continuous"), *near])
    assert b"interrupt" not in calm
    assert b'"action":"interrupt"' in answers([rules, phase(b"call"), *auction, phase(b"continuous"), *far])


def test_orders_between_the_ticks_of_new_settings_stay_elsewhere() -> None:
    """They stand where no order may come any more; the better one trades first all the same."""
    rules = b'{"type":"rules","symbol":"A","rules":{"tick_table":[[0,0.05]]}}'
    before = orders((b"a", b"BUY", b"24.01"), (b"a", b"BUY", b"24.02"))
    after = orders(*((b"b", b"BUY", price) for price in (b"23.95", b"23.9", b"23.85")), (b"c", b"SELL", b"23.85"))
    facts = answers([LISTING % b"", *before, rules, *after])
    assert facts.count(b'"type":"traded"') == facts.count(b'"price":24.02,"quantity":5,"aggressor"') == 1


def test_orders_of_one_account_that_cross_stay_elsewhere() -> None:
    """They came in while nothing traded, and do not trade with each other; others trade with both."""
    crossed = [
        order.replace(b"}", b',"time_in_force":"GTC"}')
        for order in orders((b"a", b"BUY", b"25"), (b"a", b"SELL", b"25"))
    ]
    others = orders(*((b"b", b"BUY", price) for price in (b"23", b"23.1", b"25.5")), (b"c", b"SELL", b"25"))
    last = b'{"type":"last_price","symbol":"A","price":24}'
    night = [b'{"type":"session","action":"%s","account":"a"}' % action for action in (b"end", b"start")]
    rules = LISTING % b',"rules":{"trading_at_last":true}'
    lines = [rules, last, phase(b"closing_call"), phase(b"uncross"), *crossed, *night, *others]
    assert answers(lines).count(b'"type":"traded"') == 2


def test_what_cannot_be_kept_on_disk_is_compiled_all_the_same() -> None:
    """A function without a file has no place for its machine code."""
    known: dict[str, object] = {}
    exec("def double(number):\n    return 2 * number\n", known)  # noqa: S102 (ours)
    double = cast(Callable[[int], int], known["double"])
    assert compiled(double)(21) == 42
