"""From lines to lines: read, obeyed by the kernel and written again, as the plain exchange does it."""

from collections.abc import Iterator
from random import Random
from typing import Final

import numpy as np
import pytest

from stockex.core.exchange import Exchange
from stockex.core.matching.compiled import records as r
from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.wire.journal import Journal
from stockex.core.matching.compiled.wire.reading import RARE, Lines, read, scratch
from stockex.core.matching.compiled.wire.texts import ACCOUNT, SYMBOL, Texts
from stockex.messages.codec import encode
from stockex.messages.orders import (
    AnyCommand,
    CancelOrder,
    ChangeSession,
    Deposit,
    ListInstrument,
    NewOrder,
    ReplaceOrder,
)
from stockex.vocabulary.enums import OrdType, SelfTrade, SessionAction, Side, TimeInForce
from stockex.vocabulary.units import Cash, Nanos, Price, Shares

ACCOUNTS: Final = ("ann", "ben", "eva")
CASH: Final = Cash(40_000_000)
OWNED: Final = Shares(400)
SETUP: Final[tuple[AnyCommand, ...]] = (
    ListInstrument(symbol="A", tick=Price(100), reference=Price(10_000)),
    *(Deposit(account=account, cash=CASH, symbol="A", qty=OWNED) for account in ACCOUNTS),
    ChangeSession(action=SessionAction.START, account="OP"),
)


def orders(seed: int, count: int) -> Iterator[AnyCommand]:
    """Yield common commands that trade, refuse, cancel and replace."""
    dice = Random(seed)
    for number in range(count):
        account, other = dice.choice(ACCOUNTS), f"o{max(number - dice.randrange(1, 30), 0)}"
        kind = dice.randrange(10)
        if kind < 2:
            yield CancelOrder(account=account, orig_cl_ord_id=other, symbol="A", cl_ord_id=dice.choice((None, "c")))
        elif kind < 4:
            qty, limit = Shares(dice.randrange(-1, 40)), Price(dice.randrange(95, 106) * 100)
            yield ReplaceOrder(account=account, orig_cl_ord_id=other, symbol="A", qty=qty, limit=limit)
        else:
            is_market = kind == 9
            yield NewOrder(
                account=account,
                cl_ord_id=f"o{number}" if dice.randrange(20) else other,
                symbol="A",
                side=dice.choice(tuple(Side)),
                qty=Shares(dice.randrange(1, 60)),
                limit=None if is_market else Price(dice.randrange(95, 106) * 100 + (not dice.randrange(30))),
                ord_type=OrdType.MARKET if is_market else OrdType.LIMIT,
                tif=dice.choice((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)),
                post_only=not dice.randrange(9),
                self_trade=dice.choice((None, *SelfTrade)),
            )


def plain(wanted: list[AnyCommand]) -> bytes:
    """Return the lines of the facts of all that comes after the setup."""
    exchange = Exchange()
    facts = [
        exchange.apply(command, offset=offset, at=Nanos(offset * 1_000_000))
        for offset, command in enumerate((*SETUP, *wanted))
    ]
    return b"".join(encode(fact) + b"\n" for some in facts[len(SETUP) :] for fact in some)


def compiled(wanted: list[AnyCommand]) -> bytes:
    """Return the same from the compiled book, which obeys them all."""
    texts, engine = Texts(), Engine()
    journal = Journal(texts)
    journal.set_mode(texts.number(SYMBOL, "A"), SelfTrade.CANCEL_NEWEST)
    symbol = engine.list_symbol(tick=100)
    for account in ACCOUNTS:
        engine.fund(texts.number(ACCOUNT, account), cash=CASH, symbol=symbol, shares=OWNED)
    lines = [encode(command) for command in wanted]
    ends = np.cumsum([len(line) for line in lines]).astype(np.int64)
    starts = ends - np.array([len(line) for line in lines], np.int64)
    texts.make_room(int(ends[-1]), 4 * len(lines) + 1)
    text, commands = np.frombuffer(b"".join(lines), np.uint8), np.zeros(len(lines), r.COMMAND)
    read(texts.arrays, Lines(text, starts, ends, np.zeros(len(lines), np.int64), *scratch()), commands)
    assert (commands["kind"] != RARE).all()
    commands["offset"] = np.arange(len(lines)) + len(SETUP)
    commands["at"] = commands["offset"] * 1_000_000
    ran = engine.run(commands)
    assert (ran.done, ran.stop) == (len(lines), 0)
    return journal.lines(ran.facts, commands)[0]


@pytest.mark.parametrize("seed", range(10))
def test_the_compiled_book_gives_the_lines_of_the_plain_one(seed: int) -> None:
    """Two thousand common commands: every line of every fact, byte for byte."""
    wanted = [
        one
        for one in orders(seed, 2_000)
        if not (isinstance(one, ReplaceOrder) and one.qty is not None and one.qty < 0)
    ]
    assert compiled(wanted).splitlines() == plain(wanted).splitlines()
