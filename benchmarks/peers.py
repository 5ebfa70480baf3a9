"""Other people's books, each driven as its own documents show: run by `matching.py` in an environment of its own.

    python peers.py NAME MESSAGES.npy     writes one JSON object: what it took, and what can be said of the trades

Nothing of `src` is imported. The messages are rows of kind, order, side, price in ticks, quantity.
"""

import importlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import numpy as np
from stopwatch import Stopwatch

NEW, IOC, MARKET, CANCEL, REPLACE = range(5)
BUY: Final = 0

Rows = list[list[int]]
Told = dict[str, float | int | str | None]


def bourse(rows: Rows) -> Told:
    """Rust. Its clock must move, or orders at one price take each other's place. It knows no IOC: a cancel follows."""
    book = importlib.import_module("bourse").core.OrderBook(0, True)  # noqa: FBT003 its own form
    ids: dict[int, int] = {}

    def run() -> None:
        for number, (kind, order, side, price, qty) in enumerate(rows):
            book.set_time(number)
            if kind == NEW:
                ids[order] = book.place_order(side == BUY, qty, 0, price=price)
            elif kind == CANCEL:
                book.cancel_order(ids[order])
            elif kind == REPLACE:
                book.modify_order(ids[order], new_price=price, new_vol=qty)
            elif kind == IOC:
                ids[order] = book.place_order(side == BUY, qty, 0, price=price)
                book.cancel_order(ids[order])
            else:
                ids[order] = book.place_order(side == BUY, qty, 0)

    return _timed(run) | {"trades": len(book.get_trades())}


def orderly_chaos(rows: Rows) -> Told:
    """C++ by ctypes. A replacement is a cancel and a new order; no call back for trades, which costs it more."""
    package = importlib.import_module("orderly_chaos")
    book, unknown = package.LimitOrderBook(), package.UnknownOrderIdError
    sides = (package.Side.BUY, package.Side.SELL)

    def run() -> None:
        for kind, order, side, price, qty in rows:
            if kind in {NEW, IOC}:
                filled = book.limit(sides[side], order, qty, price)
                if kind == IOC and filled < qty:
                    book.cancel(order)
            elif kind == MARKET:
                book.market(sides[side], order, qty)
            else:
                try:
                    book.cancel(order)
                except unknown:
                    continue
                if kind == REPLACE:
                    book.limit(sides[side], order, qty, price)

    return _timed(run) | {"trades": None}


def limit_order_book(rows: Rows) -> Told:
    """C++ by ctypes. It tells no trades; cancelling an unknown order is fatal, so that each is asked for first."""
    book = importlib.import_module("limit_order_book").LimitOrderBook()
    limits, markets = (book.limit_buy, book.limit_sell), (book.market_buy, book.market_sell)

    def run() -> None:
        for kind, order, side, price, qty in rows:
            if kind == MARKET:
                markets[side](order, qty)
                continue
            if kind in {CANCEL, REPLACE}:
                if not book.has(order):
                    continue
                book.cancel(order)
            if kind != CANCEL:
                limits[side](order, qty, price)
                if kind == IOC and book.has(order):
                    book.cancel(order)

    return _timed(run) | {"trades": None}


def obook(rows: Rows) -> Told:
    """Go by ctypes. Events are read every 256 messages. Each order has a user of its own: no self-trade prevention."""
    package = importlib.import_module("obook")
    book = package.Book(max_orders=4_000_000)
    ids: dict[int, int] = {}
    trades = 0

    def run() -> None:
        nonlocal trades
        for number, (kind, order, side, price, qty) in enumerate(rows):
            if kind == NEW:
                ids[order] = book.submit(1 + order, side, price, qty).order_id
            elif kind == CANCEL:
                book.cancel(ids[order], 1 + order)
            elif kind == REPLACE:
                ids[order] = book.replace(ids[order], 1 + order, side, price, qty).order_id or ids[order]
            else:
                form = {"type": package.MARKET} if kind == MARKET else {}
                ids[order] = book.submit(1 + order, side, price, qty, tif=package.IOC, **form).order_id
            if number % 256 == 0:
                trades += sum(event.kind.name.startswith("TRADE") for event in book.events())
        trades += sum(event.kind.name.startswith("TRADE") for event in book.events())

    return _timed(run) | {"trades": trades}


PEERS: Final[dict[str, Callable[[Rows], Told]]] = {
    "bourse": bourse,
    "orderly-chaos": orderly_chaos,
    "limit-order-book": limit_order_book,
    "obook": obook,
}
VERSIONS: Final = {"bourse": "0.4.0", "orderly-chaos": "0.2.0", "limit-order-book": "2.0.0", "obook": "0.1.0"}


def _timed(run: Callable[[], None]) -> Told:
    watch = Stopwatch()
    with watch:
        run()
    return {**watch.told()}


def main(arguments: Iterable[str]) -> None:
    """Run one peer over the messages of a file."""
    name, path = arguments
    print(json.dumps(PEERS[name](np.load(Path(path)).tolist())))


if __name__ == "__main__":
    main(sys.argv[1:])
