"""The batch interface: lists symbols, funds accounts, obeys arrays of commands, gives out books."""

from typing import Final

import numpy as np

from stockex.core.matching.compiled import checks
from stockex.core.matching.compiled.kernel import run
from stockex.core.matching.compiled.ladder import move_levels
from stockex.core.matching.compiled.records import COMMAND, NONE, SELF_TRADES
from stockex.core.matching.compiled.tables import (
    ALWAYS_TO_BACK,
    BELOW_FILLED_CANCELS,
    HAS_LIMITS,
    HERE,
    KNOWN,
    LIMITED,
    MARKETS_REST,
    NO_PRICE,
    POSITION,
    QTY_IS_OPEN,
    SMALLEST_WINDOW,
    SOME,
    STOPPED,
    WIDEST,
    Ran,
    Records,
    Room,
    empty_tables,
    enlarged,
    zeros,
)
from stockex.vocabulary.market_rules import (
    DEFAULT_RULES,
    ORDER_LIMITS,
    MarketRemainder,
    MarketRules,
    ReplaceBelowFilled,
    ReplacePriority,
    ReplaceQty,
)
from stockex.vocabulary.ranges import Range, around
from stockex.vocabulary.tick_tables import TickRow, TickTable
from stockex.vocabulary.units import Price

LARGEST_WINDOW: Final = 2**18
GROWTH: Final = 4
"""By how much the tables of orders and ids grow: room that is not used takes no memory, but each growth is a copy."""


class Engine:
    """Books on flat arrays. Everything the kernel knows is in `tables`.

    Args:
        is_open: Whether accounts that were never funded may trade, without limits.
        levels: Whether LEVEL facts are written.
        room: What the tables hold before they grow.
    """

    def __init__(self, *, is_open: bool = False, levels: bool = True, room: Room = SOME) -> None:
        self.tables = empty_tables(room)
        self.tables.state["is_open"] = is_open
        self.tables.state["levels"] = levels
        if is_open:
            self.tables.accounts["flags"] = KNOWN
        self._grids: dict[TickTable, int] = {}
        self._ticks: list[int] = []
        self._windows: dict[int, list[int]] = {}
        self._next_level = SMALLEST_WINDOW
        self.listed = 0

    def list_symbol(
        self, *, tick: int, lot: int = 1, rules: MarketRules = DEFAULT_RULES, reference: int | None = None
    ) -> int:
        """List an instrument with an empty book; return its number. Prices in 1/10 000 euro, `lot` in shares.

        `reference` is where its limits and ranges are around as long as there was no trade; the tick unless given.
        """
        number = self.listed
        self.listed += 1
        if number >= len(self.tables.symbols):
            self._enlarge_symbols(2 * number)
        symbol = self.tables.symbols[number]
        symbol["lot"], symbol["state"], symbol["row"] = lot, HERE, NONE
        self._ticks.append(tick)
        self.describe(number, rules, reference=tick if reference is None else reference)
        return number

    def describe(
        self, number: int, rules: MarketRules, *, reference: int | None = None, auction: int | None = None
    ) -> None:
        """Give a symbol the settings that the kernel knows, and the prices that its limits are around.

        Args:
            number: The symbol's.
            rules: All of its settings; another tick table only while it has no orders.
            reference: Its reference price, in 1/10 000 euro.
            auction: The price of the last auction since that was set.
        """
        symbol = self.tables.symbols[number]
        symbol["self_trade"] = SELF_TRADES.index(rules.self_trade)
        symbol["rules"] = (
            (rules.replace is ReplacePriority.ALWAYS_TO_BACK) * ALWAYS_TO_BACK
            | (rules.replace_qty is ReplaceQty.OPEN) * QTY_IS_OPEN
            | (rules.replace_below_filled is ReplaceBelowFilled.CANCELS) * BELOW_FILLED_CANCELS
            | (rules.market_remainder is not MarketRemainder.CANCEL) * MARKETS_REST
            | any(getattr(rules, name) is not None for name in ORDER_LIMITS) * HAS_LIMITS
        )
        symbol["reference"] = NO_PRICE if reference is None else reference
        symbol["most"] = WIDEST if rules.max_order_qty is None else rules.max_order_qty
        symbol["top"] = WIDEST if rules.max_order_value is None else rules.max_order_value
        symbol["collar_bp"], symbol["dynamic_bp"] = rules.collar_bp or 0, rules.dynamic_range_bp or 0
        symbol["band_low"], symbol["band_high"] = _around(reference, rules.price_band_bp)
        symbol["low"], symbol["high"] = _around(reference if auction is None else auction, rules.static_range_bp)
        self._lay_out(number, rules.tick_table or (TickRow(Price(0), Price(self._ticks[number])),))

    def _lay_out(self, number: int, grid: TickTable) -> None:
        """Let a symbol have a tick table; those that were laid out once are kept."""
        rows = self.tables.rows
        first = self._grids.setdefault(grid, len(rows))
        if first == len(rows):
            self.tables = self.tables._replace(rows=enlarged(rows, first + len(grid)))
            below = 0
            for row, (start, tick), end in zip(
                self.tables.rows[first:], grid, (*(row.start for row in grid[1:]), WIDEST + 1), strict=True
            ):
                row["start"], row["end"], row["tick"], row["below"] = start, end - 1, tick, below
                below += (end - start) // tick
        symbol = self.tables.symbols[number]
        if symbol["row"] != first:
            symbol["row"], symbol["window"] = first, 0
            symbol["lowest"], symbol["highest"] = 1, 0  # No price is in it: the first one turns to its own.

    def _below(self, number: int, price: int) -> int:
        """Return how many valid prices of a symbol are below this one."""
        symbol = self.tables.symbols[number]
        at = int(symbol["row"])
        while price > self.tables.rows[at]["end"]:
            at += 1
        row = self.tables.rows[at]
        return int(row["below"]) + (price - int(row["start"])) // int(row["tick"])

    def stop_account(self, account: int, *, on: bool) -> None:
        """Stop from now on before every command of the account (`RARE_STOPPED`), or obey them again."""
        if account >= len(self.tables.accounts):
            self._open_accounts(account)
        flags = int(self.tables.accounts[account]["flags"])
        self.tables.accounts[account]["flags"] = flags | STOPPED if on else flags & ~STOPPED

    def _enlarge_symbols(self, count: int) -> None:
        old = self.tables
        accounts, before = len(old.accounts), len(old.symbols)
        positions = zeros(POSITION, accounts * count)
        positions.reshape(accounts, count)[:, :before] = old.positions.reshape(accounts, before)
        self.tables = old._replace(symbols=enlarged(old.symbols, count), positions=positions)
        self.tables.state["symbols"] = count

    def open_account(self, account: int, *, is_limited: bool = True) -> None:
        """Let an account trade, held to what it has or without limits."""
        if account >= len(self.tables.accounts):
            self._open_accounts(account)
        self.tables.accounts[account]["flags"] |= KNOWN | (LIMITED if is_limited else 0)

    def _open_accounts(self, account: int) -> None:
        """Make room for an account of this number; with open accounts all of them are known."""
        old = self.tables
        count = max(2 * len(old.accounts), account + 1)
        symbols = len(old.symbols)
        self.tables = old._replace(
            accounts=enlarged(old.accounts, count), positions=enlarged(old.positions, count * symbols)
        )
        self.tables.state["symbols"] = symbols
        if old.state[0]["is_open"]:
            self.tables.accounts["flags"] |= KNOWN

    def fund(self, account: int, *, cash: int = 0, symbol: int = 0, shares: int = 0) -> None:
        """Add cash (1/10 000 euro) and shares of a symbol to an account, which is opened and limited from now on."""
        self.open_account(account)
        self.tables.accounts[account]["cash"] += cash
        self.position(account, symbol)["shares"] += shares

    def money(self, account: int) -> tuple[int, int]:
        """Return an account's cash and held cash (1/10 000 euro)."""
        record = self.tables.accounts[account]
        return int(record["cash"]), int(record["held"])

    def holding(self, account: int, symbol: int) -> tuple[int, int]:
        """Return an account's shares and held shares in a symbol."""
        record = self.position(account, symbol)
        return int(record["shares"]), int(record["held"])

    def position(self, account: int, symbol: int) -> np.void:
        """Return the record of an account's shares and held shares in a symbol, to be read or written."""
        record: np.void = self.tables.positions[account * len(self.tables.symbols) + symbol]
        return record

    def run(self, commands: Records) -> Ran:
        """Obey an array of `COMMAND` records in order, up to the first that is not for the kernel.

        Raises: TypeError: the array is not one-dimensional of that type.
        """
        if commands.dtype != COMMAND or commands.ndim != 1:
            raise TypeError(f"commands are a {commands.dtype} of {commands.ndim} dimensions")
        if not commands.flags.writeable or not commands.flags.c_contiguous or not commands.flags.aligned:
            commands = commands.copy()
        state = self.tables.state
        state["command"] = state["facts"] = 0
        self.tables = self.tables._replace(commands=commands)
        while True:
            run(self.tables)
            stop = int(state["stop"][0])
            if not (stop and self._make_room(stop)):
                return Ran(self.tables.facts[: int(state["facts"][0])], int(state["command"][0]), stop)

    def _make_room(self, stop: int) -> bool:
        """Give the kernel what it stopped for; say whether it can go on."""
        t = self.tables
        command = t.commands[int(t.state["command"][0])] if len(t.commands) else None
        if stop == checks.GROW_FACTS:
            self.tables = t._replace(facts=enlarged(t.facts, 2 * len(t.facts), used=int(t.state["facts"][0])))
        elif stop == checks.GROW_ORDERS:
            self._enlarge_orders(GROWTH * len(t.orders))
        elif stop == checks.GROW_CLIENTS and command is not None:
            count = max(GROWTH * len(t.clients), int(command["client"]) + 1)
            self.tables = t._replace(clients=enlarged(t.clients, count))
        elif stop == checks.GROW_ACCOUNTS and command is not None:
            self._open_accounts(int(command["account"]))
        elif stop == checks.GROW_WINDOW:
            return self._move_window(int(t.state["figure"][0]), int(t.state["other"][0]))
        else:
            return False
        return True

    def _enlarge_orders(self, count: int) -> None:
        t = self.tables
        used = int(t.state["fresh"][0])
        self.tables = t._replace(orders=enlarged(t.orders, count, used=used), touched=np.zeros(count, dtype=np.int32))

    def _move_window(self, number: int, price: int) -> bool:
        """Give a symbol a window that holds its orders and `price`; say whether there is one."""
        symbol = self.tables.symbols[number]
        size, window = int(symbol["size"]), int(symbol["window"])
        low = high = self._below(number, price)
        if symbol["orders"]:
            levels = self.tables.levels[int(symbol["first"]) : int(symbol["first"]) + size]["count"].nonzero()[0]
            low, high = min(low, window + int(levels[0])), max(high, window + int(levels[-1]))
        span = high - low + 1
        wanted = SMALLEST_WINDOW
        while wanted < 2 * span and wanted < LARGEST_WINDOW:
            wanted *= 2
        if span > wanted:
            return False
        first = self._free_window(wanted)
        state = self.tables.state
        state["filled"], state["cost"] = first, wanted
        state["worst"] = max(low - (wanted - span) // 2, 0)
        old = int(symbol["first"])
        move_levels(self.tables, number)
        if size:
            self._windows.setdefault(size, []).append(old)
        return True

    def _free_window(self, size: int) -> int:
        """Return the first level of a window that nobody has."""
        if self._windows.get(size):
            return self._windows[size].pop()
        first = -(-self._next_level // size) * size
        self._next_level = first + size
        t = self.tables
        if self._next_level > len(t.levels):
            count = max(2 * len(t.levels), self._next_level)
            words, groups, heaps = -(-count // 64), -(-count // 4096), -(-count // 2**18)
            self.tables = t._replace(
                levels=enlarged(t.levels, count),
                bits=np.append(t.bits, np.zeros(words - len(t.bits), dtype=np.int64)),
                groups=np.append(t.groups, np.zeros(groups - len(t.groups), dtype=np.int64)),
                heaps=np.append(t.heaps, np.zeros(heaps - len(t.heaps), dtype=np.int64)),
            )
        return first

    def orders(self, number: int) -> Records:
        """Return a copy of a symbol's orders: bids best first, then asks best first, the oldest first at each price."""
        t = self.tables
        symbol = t.symbols[number]
        first, size = int(symbol["first"]), int(symbol["size"])
        levels = first + t.levels[first : first + size]["count"].nonzero()[0]
        bids, asks = levels[levels <= int(symbol["bid"])][::-1], levels[levels > int(symbol["bid"])]
        slots = []
        for level in (*bids, *asks):
            slot = int(t.levels[level]["head"])
            while slot:
                slots.append(slot)
                slot = int(t.orders[slot]["next"])
        found = t.orders[slots]
        found["next"] = found["prev"] = found["level"] = 0
        return found


def _around(price: int | None, bp: int | None) -> Range | tuple[int, int]:
    """Return the prices around a price, all of them where there is none or no range."""
    return (-WIDEST, WIDEST) if price is None or bp is None else around(price, bp)
