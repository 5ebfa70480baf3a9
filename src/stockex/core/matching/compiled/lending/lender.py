"""The batch engine, with books that come and go, and the figures of accounts and client ids as numbers to look at."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockex.core.matching.compiled.engine import Engine
from stockex.core.matching.compiled.lending.moving import move_in, move_out
from stockex.core.matching.compiled.tables import (
    AWAY,
    HERE,
    NO_PRICE,
    ORDER,
    Records,
    enlarged,
    zeros,
)
from stockex.core.matching.compiled.wire.texts import CLIENT, Texts
from stockex.core.matching.ids import REMEMBERED
from stockex.vocabulary.units import Price

FEWEST_FORGOTTEN: Final = 65_536
"""Client ids are looked through for dead ones when this many more have come than were alive last time."""


def rows_for(count: int) -> Records:
    """Return rows for this many orders."""
    return zeros(ORDER, count)


class Lender(Engine):
    """An engine whose symbols stand in plain books until `take_over` brings their orders here.

    Args: is_open: Whether accounts that were never funded may trade, without limits.
    """

    def __init__(self, texts: Texts, *, is_open: bool) -> None:
        super().__init__(is_open=is_open)
        self._texts = texts
        self._look_at = FEWEST_FORGOTTEN

    def list_away(self, *, tick: int, lot: int) -> int:
        """List a symbol whose orders stand elsewhere; return its number."""
        number = self.list_symbol(tick=tick, lot=lot)
        self.tables.symbols[number]["state"] = AWAY
        return number

    def is_here(self, number: int) -> bool:
        """Say whether a symbol's orders stand here."""
        return bool(self.tables.symbols[number]["state"] == HERE)

    def take_over(self, number: int, rows: Records, *, places: int, last: int | None) -> bool:
        """Let a symbol's orders stand here, the older first at each price; False: their prices are too far apart.

        The rows' client ids and accounts have numbers, and what the orders hold is held.
        """
        symbol = self.tables.symbols[number]
        while self._slots_left() < len(rows):
            self._enlarge_orders(2 * len(self.tables.orders))
        if len(rows) > 0:
            lowest = int(rows["price"].argmin())
            self._reaches(number, int(rows["price"][lowest]))  # One price alone always has a window.
            move_in(self.tables, number, rows[lowest : lowest + 1])
            if not self._reaches(number, int(rows["price"].max())):
                self.give_back(number)
                return False
            move_in(self.tables, number, np.delete(rows, lowest))
        symbol = self.tables.symbols[number]
        symbol["places"], symbol["last"] = places, NO_PRICE if last is None else last
        symbol["state"] = HERE
        return True

    def _slots_left(self) -> int:
        """Return how many slots were never used: those that were given up are not counted."""
        return len(self.tables.orders) - int(self.tables.state[0]["fresh"])

    def _reaches(self, number: int, price: int) -> bool:
        """Give the symbol a window with this price, if it has none; say whether there is one."""
        symbol = self.tables.symbols[number]
        place = self._below(number, price) - int(symbol["window"])
        return 0 <= place < int(symbol["size"]) or self._move_window(number, price)

    def give_back(self, number: int) -> Records:
        """Return a symbol's orders, as they would trade, bids before asks; they stand elsewhere from now on."""
        symbol = self.tables.symbols[number]
        rows = rows_for(int(symbol["orders"]))
        move_out(self.tables, number, rows)
        symbol["state"] = AWAY
        return rows

    @property
    def is_full(self) -> bool:
        """Whether some figure is so large that the next might not fit."""
        return bool(self.tables.state[0]["is_full"])

    def places(self, number: int) -> int:
        """Return how many places a symbol's book has given out."""
        return int(self.tables.symbols[number]["places"])

    def last(self, number: int) -> Price | None:
        """Return a symbol's last price, None before its first trade."""
        price = int(self.tables.symbols[number]["last"])
        return None if price == NO_PRICE else Price(price)

    def row_of(self, account: int) -> Records:
        """Return the figures of an account, which has room from now on."""
        if account >= len(self.tables.accounts):
            self._open_accounts(account)
        row: Records = self.tables.accounts[account]
        return row

    def client(self, number: int) -> Records:
        """Return what is known of a client id, which has room from now on."""
        if number >= len(self.tables.clients):
            count = max(2 * len(self.tables.clients), number + 1)
            self.tables = self.tables._replace(clients=enlarged(self.tables.clients, count))
        row: Records = self.tables.clients[number]
        return row

    def used_by_age(self) -> Sequence[int]:
        """Return the numbers of the client ids that may not be used again, of all accounts, by age within each."""
        used, is_late = self._used()
        lately = is_late.nonzero()[0]
        found: list[int] = lately[used[lately].argsort(kind="stable")].tolist()
        return found

    def _used(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return when each client id was used, by its account's count, and whether that is so lately that it counts."""
        used = self.tables.clients["used"][: self._texts.count(CLIENT)]
        owners = self._texts.arrays.owners[: len(used)]
        # Accounts that are not known here have used nothing.
        newest = self.tables.accounts["used"][np.where(owners < len(self.tables.accounts), owners, 0)]
        return used, (used > 0) & (newest - used < REMEMBERED)

    def forget(self) -> None:
        """Give back the numbers of client ids that nobody can ask for any more, once many have come."""
        if len(self._texts) < self._look_at:
            return
        used, is_late = self._used()
        is_dead = np.zeros(len(self._texts.arrays.owners), np.bool_)
        is_dead[: self._texts.count(CLIENT)] = True
        is_dead[: len(used)] = ~is_late & (self.tables.clients["slot"][: len(used)] == 0)
        used[~is_late] = 0
        self._texts.forget(is_dead)
        self._look_at = len(self._texts) + max(FEWEST_FORGOTTEN, len(self._texts))
