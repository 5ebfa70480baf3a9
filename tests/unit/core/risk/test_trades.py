"""The newest trades are remembered, and how they stand."""

from stockex.core.risk.trades import Trades
from stockex.messages.executions import Fill, Traded
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import TRADES_REMEMBERED, Nanos, Price, Shares


def traded(number: int) -> Traded:
    """Return the trade that command `number` made."""
    fill = Fill(order_id=1, account="A", cl_ord_id="a", leaves=Shares(0), cum=Shares(1))
    return Traded(
        offset=number,
        index=1,
        at=Nanos(number),
        trade_id=f"{number}-1",
        symbol="ALPHA",
        price=Price(10),
        qty=Shares(1),
        aggressor=Side.BUY,
        buy=fill,
        sell=fill,
    )


def test_the_oldest_trade_is_forgotten_beyond_ten_thousand() -> None:
    """Exactly as many as the rule says are remembered (CTL-07)."""
    trades = Trades()
    for number in range(TRADES_REMEMBERED):
        trades.apply(traded(number))
    assert trades.find("0-1") is not None
    trades.apply(traded(TRADES_REMEMBERED))
    assert trades.find("0-1") is None
    assert trades.find("1-1") is not None
    assert len(trades.as_list()) == TRADES_REMEMBERED == 10_000


def test_trades_come_back_as_they_were() -> None:
    """What `as_list` gave makes the same memory, oldest first."""
    trades = Trades()
    for number in range(3):
        trades.apply(traded(number))
    restored = Trades(trades.as_list())
    assert [each.trade_id for each in restored.as_list()] == ["0-1", "1-1", "2-1"]
    assert restored.find("2-1") == trades.find("2-1")
