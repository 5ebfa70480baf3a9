"""Orders as rows of the compiled book, and rows as orders."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec import Raw

from stockex.core.matching.compiled.lending.lender import rows_for
from stockex.core.matching.compiled.lending.looking import json_of, levels, numbers_of, resting, words_of
from stockex.core.matching.compiled.lending.running import Runner
from stockex.core.matching.compiled.records import BUY, HAS_PRICE, POST_ONLY, SELF_TRADES, SELL, SIDES, TIFS
from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import ACCOUNT, CLIENT, Texts
from stockex.core.matching.order import Order
from stockex.core.risk.accounts import Hold
from stockex.core.snapshot import Away
from stockex.messages.market_data import Level
from stockex.vocabulary.enums import OrdType, Side
from stockex.vocabulary.units import Price, Shares

_SIDES: Final = {side: number for number, side in enumerate(SIDES)}
_TIFS: Final = {tif: number for number, tif in enumerate(TIFS)}
_MODES: Final = {mode: number for number, mode in enumerate(SELF_TRADES)}

_json: Final = msgspec.json.encode
_SIDE_TEXTS, _TIF_TEXTS, _MODE_TEXTS, _FLAGS = (
    [_json(each) for each in all_] for all_ in (SIDES, TIFS, SELF_TRADES, (False, True))
)
_NUMBER, _TEXT, _NAME = Raw(b"%d"), Raw(b"%b"), Raw(b'"%b"')


def _frame(kind: Callable[..., object], *values: object, **more: object) -> bytes:
    """Return how a snapshot writes an object, with values to be filled in."""
    return _json(kind(*values, **more))


_ORDER_TEXT: Final = _frame(
    Order,
    *(_NUMBER, _TEXT, _NAME, _TEXT, _TEXT, _NUMBER, _NUMBER, _NUMBER),
    *(OrdType.LIMIT, _TEXT, _TEXT, _TEXT),
    place=_NUMBER,
)
_HOLD_TEXT: Final = _frame(Hold, _TEXT, _TEXT, _NUMBER, _NUMBER)
_COLUMNS: Final = ("id", "side", "leaves", "cum", "price", "tif", "flags", "self_trade", "place")


def clients_of(accounts: Sequence[str], cl_ord_ids: Sequence[str], *, texts: Texts) -> tuple[list[int], list[int]]:
    """Return the numbers of accounts and of their client ids, which are given out now where they are new."""
    owners = numbers_of(accounts, [ACCOUNT] * len(accounts), texts=texts).tolist()
    return owners, numbers_of(cl_ord_ids, [CLIENT + owner for owner in owners], texts=texts).tolist()


def rows_of(orders: Sequence[Order], number: int, *, runner: Runner) -> Records:
    """Return the orders of one symbol, each a common one, as rows."""
    rows = rows_for(len(orders))
    rows["symbol"] = number
    rows["account"], rows["client"] = clients_of(
        [order.account for order in orders], [order.cl_ord_id for order in orders], texts=runner.texts
    )
    rows["id"] = [order.order_id for order in orders]
    rows["place"] = [order.place for order in orders]
    rows["price"] = [order.limit for order in orders]
    rows["leaves"] = [order.leaves for order in orders]
    rows["cum"] = [order.cum for order in orders]
    rows["side"] = [_SIDES[order.side] for order in orders]
    rows["tif"] = [_TIFS[order.tif] for order in orders]
    rows["self_trade"] = [_MODES[order.self_trade] for order in orders]
    rows["flags"] = [HAS_PRICE | POST_ONLY if order.post_only else HAS_PRICE for order in orders]
    return rows


def orders_of(rows: Records, symbol: str, *, runner: Runner) -> list[Order]:
    """Return the orders that rows of one symbol stand for, in their order."""
    texts = runner.texts
    owners: list[int] = rows["account"].tolist()
    accounts = {owner: texts.text(ACCOUNT, owner) for owner in set(owners)}
    columns = [rows[name].tolist() for name in _COLUMNS]
    return [
        Order(
            order_id,
            accounts[owner],
            cl_ord_id,
            symbol,
            SIDES[side],
            leaves,
            cum,
            Price(price),
            OrdType.LIMIT,
            TIFS[tif],
            bool(flags & POST_ONLY),
            SELF_TRADES[mode],
            place=place,
        )
        for owner, cl_ord_id, order_id, side, leaves, cum, price, tif, flags, mode, place in zip(
            owners, words_of(rows["client"], CLIENT, texts=texts), *columns, strict=True
        )
    ]


def hold_of(order: Order) -> Hold:
    """Return what a common order holds."""
    return Hold(order.side, order.symbol, order.price if order.side is Side.BUY else 1, order.leaves)


def away_of(number: int, symbol: str, *, runner: Runner) -> Away:
    """Return what an instrument has that is lent, as a snapshot has it. Cost: no object for an order, but its text."""
    texts, lender = runner.texts, runner.lender
    rows = resting(lender, number)
    owners: list[int] = rows["account"].tolist()
    accounts = {owner: _json(texts.text(ACCOUNT, owner)) for owner in set(owners)}
    name = _json(symbol)
    columns = [rows[column].tolist() for column in _COLUMNS]
    orders, holds = [], {}
    for owner, cl_ord_id, order_id, side, leaves, cum, price, tif, flags, mode, place in zip(
        owners, json_of(rows["client"], CLIENT, texts=texts), *columns, strict=True
    ):
        is_late = _FLAGS[bool(flags & POST_ONLY)]
        terms = (name, _SIDE_TEXTS[side], leaves, cum, price, _TIF_TEXTS[tif], is_late, _MODE_TEXTS[mode], place)
        orders.append(Raw(_ORDER_TEXT % (order_id, accounts[owner], cl_ord_id, *terms)))
        holds[order_id] = Raw(_HOLD_TEXT % (_SIDE_TEXTS[side], name, price if side == BUY else 1, leaves))
    return Away(orders, holds, lender.places(number), lender.last(number))


def levels_of(number: int, *, runner: Runner) -> tuple[list[Level], list[Level]]:
    """Return the levels (bids, asks) of an instrument that is lent, best first; all of its orders are shown."""
    found = levels(runner.lender, number)
    bids, asks = (
        [Level(Price(price), Shares(qty), count) for of, price, qty, count in found if of == side]
        for side in (BUY, SELL)
    )
    return bids, asks
