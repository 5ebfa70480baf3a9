"""Each command is for the shard of its symbol, or for all, and cash is split to the last unit."""

import pytest

from stockex.core.shards.routing import Shard, asked, home_of, teller_of
from stockex.messages.orders import AnyCommand, BustTrade, CancelOrder, ChangeSession, CorrectTrade, Deposit, MassCancel
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.services import SHARD_STRIDE
from stockex.vocabulary.units import MAX_CASH, Cash, Shares

COUNT = 3
START = ChangeSession(action=SessionAction.START, account="OP")


def test_the_home_of_a_symbol_is_that_of_kafkas_c_client() -> None:
    """For ever: a log whose symbols moved could not be replayed. Source: CRC-32, IEEE 802.3; librdkafka, consistent."""
    assert [home_of(symbol, 3) for symbol in ("ALPHA", "BETA", "MIX1", "GAMMA")] == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("command", "teller"),
    [
        (CancelOrder(account="A", orig_cl_ord_id="1", symbol="ALPHA"), 1),
        (MassCancel(account="A", symbol="GAMMA"), 0),
        (MassCancel(account="A"), None),
        (START, None),
        (Deposit(account="A", cash=Cash(5)), None),
        (Deposit(account="A", cash=Cash(5), symbol="MIX1"), 2),
        (BustTrade(trade_id="77-3"), 0),
        (BustTrade(trade_id=f"77-{2 * SHARD_STRIDE + 3}"), 2),
        (CorrectTrade(trade_id=f"77-{SHARD_STRIDE}"), 1),
        (BustTrade(trade_id=f"77-{3 * SHARD_STRIDE}"), 0),
        (BustTrade(trade_id=f"77-0{2 * SHARD_STRIDE}"), 0),
        (BustTrade(trade_id="no trade".replace(" ", "-")), 0),
    ],
)
def test_a_command_is_obeyed_where_its_symbol_or_its_trade_is_at_home(command: AnyCommand, teller: int | None) -> None:
    """None: by all of them."""
    assert teller_of(command, COUNT) == teller


@pytest.mark.parametrize("cash", [0, 1, 2, 3, 10_000_000_001, MAX_CASH])
def test_cash_is_split_evenly_and_the_rest_is_for_shard_0(cash: int) -> None:
    """Not a unit more or less than was deposited."""
    parts = [asked(Deposit(account="A", cash=Cash(cash)), Shard(number, COUNT)) for number in range(COUNT)]
    split = [part.cash for part in parts if isinstance(part, Deposit)]
    assert sum(split) == cash
    assert split[1:] == [cash // COUNT] * 2
    assert split[0] == cash // COUNT + cash % COUNT


@pytest.mark.parametrize(
    "command",
    [
        Deposit(account="A", cash=Cash(-1)),
        Deposit(account="A", cash=Cash(MAX_CASH + 1)),
        Deposit(account="A", cash=Cash(7), qty=Shares(1)),
        Deposit(account="A", cash=Cash(7), symbol="ALPHA"),
        START,
    ],
)
def test_nothing_else_is_split(command: AnyCommand) -> None:
    """What will be refused, what has a symbol, and what is no deposit."""
    assert asked(command, Shard(1, COUNT)) is command
