"""Orders as rows of the compiled book, and rows as orders."""

from collections.abc import Iterator, Sequence

from stockex.core.matching.compiled.lending.lender import rows_for
from stockex.core.matching.compiled.lending.running import Runner
from stockex.core.matching.compiled.records import HAS_PRICE, POST_ONLY, SELF_TRADES, SIDES, TIFS
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT
from stockex.core.matching.order import Order
from stockex.vocabulary.enums import OrdType
from stockex.vocabulary.units import Price


def rows_of(orders: Sequence[Order], number: int, *, runner: Runner) -> Records:
    """Return the orders of one symbol, each a common one, as rows."""
    rows = rows_for(len(orders))
    texts = runner.texts
    for row, order in zip(rows, orders, strict=True):
        account = texts.number(ACCOUNT, order.account)
        row["id"], row["place"], row["price"] = order.order_id, order.place, order.price
        row["leaves"], row["cum"] = order.leaves, order.cum
        row["symbol"], row["account"] = number, account
        row["client"] = texts.number(CLIENT + account, order.cl_ord_id)
        row["side"], row["tif"] = SIDES.index(order.side), TIFS.index(order.tif)
        row["self_trade"] = SELF_TRADES.index(order.self_trade)
        row["flags"] = HAS_PRICE | (POST_ONLY if order.post_only else 0)
    return rows


def orders_of(rows: Records, symbol: str, *, runner: Runner) -> Iterator[Order]:
    """Yield the orders that rows of one symbol stand for, in their order."""
    texts = runner.texts
    for row in rows:
        yield Order(
            order_id=int(row["id"]),
            account=texts.text(ACCOUNT, row["account"]),
            cl_ord_id=texts.text(CLIENT, row["client"]),
            symbol=symbol,
            side=SIDES[row["side"]],
            leaves=int(row["leaves"]),
            cum=int(row["cum"]),
            limit=Price(row["price"]),
            ord_type=OrdType.LIMIT,
            tif=TIFS[row["tif"]],
            post_only=bool(row["flags"] & POST_ONLY),
            self_trade=SELF_TRADES[row["self_trade"]],
            place=int(row["place"]),
        )
