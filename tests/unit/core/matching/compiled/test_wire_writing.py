"""The journal written from records is, byte for byte, what the codec writes of the plain exchange's facts."""

from collections.abc import Callable
from itertools import accumulate
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace
from numba import njit
from properties.exchange_commands import SETUP, script
from unit.core.matching.compiled.wire_records import Caused, command_record, fact_records, is_common

from stockex.core.exchange import Exchange
from stockex.core.matching.compiled.machine.instructions import Bytes
from stockex.core.matching.compiled.wire import digits
from stockex.core.matching.compiled.wire.journal import Journal
from stockex.core.matching.compiled.wire.texts import SYMBOL, Texts
from stockex.messages import executions as ex
from stockex.messages.codec import encode
from stockex.messages.market_data import BookChanged
from stockex.messages.orders import AnyCommand, CancelOrder, Deposit, ListInstrument, NewOrder, ReplaceOrder, SetRules
from stockex.vocabulary.enums import SelfTrade, Side
from stockex.vocabulary.units import Nanos, Price, Shares, euro_text

SEEDS = (*range(16), 32, 48, 50, 53)
"""Scripts that bring about every fact that the compiled book can say; the last ones self-trades that reduce orders."""

STRANGE = 'a"b\\c'
"""A name with what JSON writes with a backslash."""


def caused_by(commands: list[AnyCommand], exchange: Exchange) -> list[Caused]:
    """Return what the orders among the commands caused, where the compiled book could have caused it.

    Settings stay what they are, as `written` knows one mode for each instrument.
    """
    found = []
    for offset, command in enumerate(commands):
        if isinstance(command, SetRules):
            continue
        at = Nanos(offset * 137_000_000)
        facts = exchange.apply(command, offset=offset, at=at)
        if isinstance(command, NewOrder | CancelOrder | ReplaceOrder):
            caused = Caused(command, facts, offset, at)
            found += [caused] if is_common(caused) else []
    return found


def written(causes: list[Caused], exchange: Exchange) -> tuple[bytes, list[int]]:
    """Return the lines that the journal writes of these causes, and where those of each command end."""
    texts = Texts()
    journal = Journal(texts)
    for symbol, listing in exchange.desk.listings.items():
        journal.set_mode(texts.number(SYMBOL, symbol), listing.rules.self_trade)
    commands = np.concatenate([command_record(texts, caused) for caused in causes])
    facts = [fact_records(texts, caused.facts, command=place) for place, caused in enumerate(causes)]
    return journal.lines(np.concatenate(facts), commands)


def lines_of(caused: Caused) -> bytes:
    """Return what the codec writes."""
    return b"".join(encode(fact) + b"\n" for fact in caused.facts)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_journal_is_what_the_codec_writes(seed: int) -> None:
    """Whatever common orders cause: lines, and the place where each command's end."""
    exchange = Exchange()
    causes = caused_by([*SETUP, *script(seed, 400)], exchange)
    lines, ends = written(causes, exchange)
    wanted = [lines_of(caused) for caused in causes]
    assert lines.splitlines() == b"".join(wanted).splitlines()
    assert ends == list(accumulate(map(len, wanted)))


def test_the_random_facts_are_of_every_kind() -> None:
    """Nothing that the compiled book can say is left out by chance."""
    seen: set[type] = set()
    for seed in SEEDS:
        for caused in caused_by([*SETUP, *script(seed, 400)], Exchange()):
            seen |= {type(fact) for fact in caused.facts}
    assert seen >= {ex.Accepted, ex.Rejected, ex.Rested, ex.Traded, ex.Reduced, ex.Cancelled, ex.Replaced, BookChanged}


def test_names_that_json_escapes_are_escaped() -> None:
    """Quotes and backslashes in accounts, symbols and ids, and anything at all in a source."""
    order = NewOrder(account=STRANGE, cl_ord_id='"', symbol=STRANGE, side=Side.BUY, qty=Shares(5), limit=Price(100))
    commands: list[AnyCommand] = [
        ListInstrument(symbol=STRANGE, tick=Price(1), reference=Price(100)),
        NewOrder(
            account="S", cl_ord_id="\\", symbol=STRANGE, side=Side.SELL, qty=Shares(2), limit=Price(99), source="é\n"
        ),
        order,
        order,
        CancelOrder(account=STRANGE, orig_cl_ord_id="no", symbol=STRANGE),
        CancelOrder(account=STRANGE, orig_cl_ord_id='"', symbol=STRANGE, cl_ord_id="\\\\"),
    ]
    exchange = Exchange(open_accounts=True)
    exchange.desk.phase = exchange.desk.phase.CONTINUOUS
    causes = caused_by(commands, exchange)
    assert written(causes, exchange)[0] == b"".join(map(lines_of, causes))


def test_a_command_with_more_facts_than_fit_makes_the_journal_grow() -> None:
    """One order that meets three thousand others, among small ones."""
    sell = NewOrder(account="S", cl_ord_id="", symbol="A", side=Side.SELL, qty=Shares(1), limit=Price(100))
    rest: list[AnyCommand] = [replace(sell, cl_ord_id=f"s{number}") for number in range(3_000)]
    sweep = NewOrder(account="B", cl_ord_id="b", symbol="A", side=Side.BUY, qty=Shares(2_999), limit=Price(100))
    exchange = Exchange(open_accounts=True)
    exchange.desk.phase = exchange.desk.phase.CONTINUOUS
    listing = ListInstrument(symbol="A", tick=Price(1), reference=Price(1))
    cancels: list[AnyCommand] = [CancelOrder(account="S", orig_cl_ord_id="s2999", symbol="A")]
    causes = caused_by([listing, *rest, sweep, *cancels], exchange)
    lines, ends = written(causes, exchange)
    wanted = [lines_of(caused) for caused in causes]
    assert lines == b"".join(wanted)
    assert ends == list(accumulate(map(len, wanted)))


def test_numbers_are_written_as_json_has_them() -> None:
    """Prices, amounts, whole numbers and times, from the least to the largest."""
    dice, out = Random(1), np.zeros(64, np.uint8)

    def text(write: Callable[[Bytes, int, int], int], value: int) -> bytes:
        return out[: write(out, 0, value)].tobytes()

    whole, euro, price, seconds = (
        njit(lambda out, at, value, put=put: put(out, at, value))
        for put in (digits.put_whole, digits.put_euro_text, digits.put_price, digits.put_seconds)
    )
    powers = [10**power + more for power in range(15) for more in (-1, 0, 1)]
    for value in [*powers, *(dice.randrange(10 ** dice.randrange(1, 16)) for _ in range(5_000))]:
        assert text(whole, -value).decode() == str(-value)
        assert text(euro, -value).decode() == euro_text(-value)
        assert text(euro, value).decode() == euro_text(value)
        assert text(price, value % 10**10) == encode(Price(value % 10**10))
        assert text(seconds, value * 1_000) == encode(Nanos(value * 1_000 % (2**33 * 10**9)))


@pytest.mark.parametrize("mode", SelfTrade)
def test_an_order_without_a_mode_tells_the_markets(mode: SelfTrade) -> None:
    """The mode of self-trade prevention that stands in `accepted` is the symbol's own."""
    exchange = Exchange()
    script_of_one: list[AnyCommand] = [Deposit(account="A", symbol="ALPHA", qty=Shares(9))]
    order = NewOrder(account="A", cl_ord_id="1", symbol="ALPHA", side=Side.SELL, qty=Shares(9), limit=Price(10_000))
    causes = caused_by([*SETUP, *script_of_one, order], exchange)
    listing = exchange.desk.listings["ALPHA"]
    listing.rules = type(listing.rules)(self_trade=mode)
    assert f'"self_trade":"{mode.value}"'.encode() in written(causes, exchange)[0]
