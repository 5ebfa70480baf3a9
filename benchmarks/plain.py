"""The exchange in Python with all its facts, driven by a flow; the accounts are open, so that risk refuses nothing."""

import numpy as np
from flows.catalogue import Flow
from stopwatch import Stopwatch

from stockex.core.exchange import Exchange
from stockex.core.matching.compiled import records
from stockex.messages.executions import Traded
from stockex.messages.orders import AnyCommand, CancelOrder, ChangeSession, ListInstrument, NewOrder, ReplaceOrder
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.units import Nanos, Price, Shares

SYMBOL = "ALPHA"
LISTING = ListInstrument(symbol=SYMBOL, tick=Price(100), reference=Price(2_000_000))


def command_of(row: np.void) -> AnyCommand:
    """Return what a row of a flow says, as the exchange takes it."""
    account = f"A{row['account']}"
    price, qty = Price(row["price"]), Shares(int(row["qty"]))
    if row["kind"] == records.CANCEL:
        return CancelOrder(account=account, orig_cl_ord_id=str(row["target"]), symbol=SYMBOL)
    if row["kind"] == records.REPLACE:
        return ReplaceOrder(account=account, orig_cl_ord_id=str(row["target"]), symbol=SYMBOL, qty=qty, limit=price)
    return NewOrder(
        account=account,
        cl_ord_id=str(row["client"]),
        symbol=SYMBOL,
        side=records.SIDES[row["side"]],
        qty=qty,
        limit=price if row["flags"] & records.HAS_PRICE else None,
        ord_type=records.ORD_TYPES[row["ord_type"]],
        tif=records.TIFS[row["tif"]],
        self_trade=records.SELF_TRADES[row["self_trade"] - 1],
    )


def opened() -> Exchange:
    """Return an exchange that trades the symbol of the flows."""
    exchange = Exchange(open_accounts=True)
    exchange.apply(LISTING, offset=0, at=Nanos(0))
    exchange.apply(ChangeSession(action=SessionAction.START, account="OPERATOR"), offset=1, at=Nanos(0))
    return exchange


def measure(flow: Flow) -> dict[str, float]:
    """Obey every command of the flow; return the time that took and what came of it."""
    exchange, watch = opened(), Stopwatch()
    rows = [(command_of(row), int(row["offset"]), Nanos(row["at"])) for row in flow.commands]
    with watch:
        facts = [exchange.apply(command, offset=offset, at=at) for command, offset, at in rows]
    traded = [fact.qty for some in facts for fact in some if isinstance(fact, Traded)]
    return watch.told() | {
        "facts": sum(map(len, facts)),
        "trades": len(traded),
        "traded_qty": sum(traded),
        "resting": len(list(exchange.desk.open_orders())),
    }
