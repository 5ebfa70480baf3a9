"""What the kernel keeps: arrays of records, each record within one cache line where it can be.

Slot 0 of the orders and level 0 of the ladder are never used: 0 stands for none, so that fresh memory is empty.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stockex.core.matching.compiled.records import COMMAND, FACT

ORDER: Final = np.dtype(
    [
        ("id", np.int64),
        ("place", np.int64),  # the count of places given out in its book: the lower, the older
        ("price", np.int64),  # its limit; of a market order the widest there is
        ("next", np.int32),  # the slot of the younger order at its price; of a free slot the next free one
        ("prev", np.int32),
        ("level", np.int32),
        ("leaves", np.int32),
        ("cum", np.int32),
        ("symbol", np.int32),
        ("account", np.int32),
        ("client", np.int32),
        ("side", np.uint8),
        ("tif", np.uint8),
        ("self_trade", np.uint8),  # index in SELF_TRADES
        ("flags", np.uint8),  # POST_ONLY, HAS_PRICE
        ("spare", np.int32),
    ]
)
LEVEL: Final = np.dtype(
    [
        ("price", np.int64),
        ("qty", np.int64),  # what all its orders leave
        ("head", np.int32),  # the oldest order's slot
        ("tail", np.int32),
        ("count", np.int32),
        ("spare", np.int32),
    ]
)
SYMBOL: Final = np.dtype(
    [
        ("base", np.int64),  # the price of the window's first level, if all below it had this tick
        ("tick", np.int64),  # of the prices from `lowest` to `highest`
        ("lot", np.int64),
        ("places", np.int64),
        ("first", np.int32),  # the window's first level
        ("size", np.int32),  # how many levels it has
        ("bid", np.int32),  # the best level of each side
        ("ask", np.int32),
        ("orders", np.int32),  # how many rest
        ("state", np.uint8),  # UNLISTED, AWAY, HERE
        ("self_trade", np.uint8),  # the mode of orders that name none
        ("rules", np.uint8),  # ALWAYS_TO_BACK ... MARKETS_REST
        ("spare", np.uint8),
        ("last", np.int64),  # the last price here; NO_PRICE before the first trade
        ("lowest", np.int64),  # the row of the tick table in which the last limit was, both included
        ("highest", np.int64),
        ("low", np.int64),  # the static range, both included
        ("high", np.int64),
        ("reference", np.int64),  # the reference price, or NO_PRICE
        ("dynamic_bp", np.int32),  # how far from the last price orders trade; 0: anywhere
        ("collar_bp", np.int32),  # how far through the market a limit may be; 0: anywhere
        ("most", np.int64),  # the largest quantity of an order, and its largest value
        ("top", np.int64),
        ("band_low", np.int64),  # limits are taken from here to there, both included
        ("band_high", np.int64),
        ("window", np.int64),  # how many valid prices there are below the window's first level
        ("row", np.int32),  # the first row of the tick table
        ("more", np.int32, 9),
    ]
)
ROW: Final = np.dtype(
    [
        ("start", np.int64),  # the first and the last price of the row
        ("end", np.int64),
        ("tick", np.int64),
        ("below", np.int64),  # how many valid prices there are below it, 0 among them
    ]
)
CLIENT: Final = np.dtype(
    [
        ("used", np.int64),  # the account's count of ids when this one was taken; 0: never
        ("slot", np.int32),  # the open order that has it
        ("spare", np.int32),
    ]
)
ACCOUNT: Final = np.dtype(
    [
        ("cash", np.int64),
        ("held", np.int64),  # cash that open buys hold
        ("used", np.int64),  # how many client ids it has used
        ("flags", np.int64),  # KNOWN, LIMITED, STOPPED
    ]
)
POSITION: Final = np.dtype([("shares", np.int64), ("held", np.int64)])
STATE: Final = np.dtype(
    [
        ("command", np.int64),  # the place in the batch of the next command
        ("facts", np.int64),  # how many facts are written
        ("figure", np.int64),  # what decided, for a refusal; what to make room for, at a stop
        ("other", np.int64),
        ("filled", np.int64),  # what a sweep found
        ("cost", np.int64),
        ("worst", np.int64),
        ("met", np.int64),  # how many resting orders, its own account's among them
        ("third", np.int64),  # one more figure that decided
        ("free", np.int32),  # the first free slot
        ("fresh", np.int32),  # the first slot that was never used
        ("touched", np.int32),  # how many levels of the other side the command has changed
        ("own", np.int32),  # the levels of its own side that it has changed
        ("own_too", np.int32),
        ("stop", np.int32),
        ("symbols", np.int32),  # the length of one account's row of positions
        ("is_open", np.uint8),  # accounts that have had no deposit may trade
        ("is_full", np.uint8),  # some figure is so large that the next might not fit
        ("levels", np.uint8),  # whether LEVEL facts are wanted
        ("spare", np.uint8),
    ]
)

UNLISTED, AWAY, HERE = 0, 1, 2
ALWAYS_TO_BACK, QTY_IS_OPEN, BELOW_FILLED_CANCELS, HAS_LIMITS, MARKETS_REST = 1, 2, 4, 8, 16
KNOWN, LIMITED, STOPPED = 1, 2, 4
NO_PRICE: Final = 0
WIDEST: Final = 1 << 62
"""No bound: above every price and quantity, and its negative below."""

Records = NDArray[np.void]
Words = NDArray[np.int64]


class Tables(NamedTuple):
    """All that the kernel reads and writes; one argument."""

    orders: Records
    levels: Records
    symbols: Records
    rows: Records  # of tick tables, those of a table in turn
    clients: Records
    accounts: Records
    positions: Records  # of account a in symbol s at a * state.symbols + s
    bits: Words  # a bit for each level that has orders; then one for each word of these; then again
    groups: Words
    heaps: Words
    touched: NDArray[np.int32]
    state: Records  # one record
    commands: Records
    facts: Records


class Ran(NamedTuple):
    """What came of a batch: the facts, how many commands were obeyed, and why not all (0: all were).

    `facts` is a view that the next batch overwrites.
    """

    facts: Records
    done: int
    stop: int


class Room(NamedTuple):
    """How much the tables can hold before they grow. Room that is not used yet takes addresses, and no memory.

    Growing copies a table, which is saved where it is known how much will come. Every account has 16 bytes in every
    symbol.
    """

    orders: int = 1024  # that rest at one time
    clients: int = 1024  # the largest client id plus 1
    facts: int = 1024  # of one batch
    accounts: int = 1
    symbols: int = 1


SOME: Final = Room()


LINE: Final = 64
SMALLEST_WINDOW: Final = 512


def zeros(dtype: np.dtype[np.void], count: int) -> Records:
    """Return `count` empty records that begin on a cache line."""
    size = dtype.itemsize * count
    raw = np.zeros(size + LINE, dtype=np.uint8)
    start = -raw.ctypes.data % LINE
    found: Records = raw[start : start + size].view(dtype)
    return found


def enlarged(records: Records, count: int, *, used: int | None = None) -> Records:
    """Return `count` records, the first of them those given, or the first `used` of these."""
    larger = zeros(records.dtype, count)
    larger[: len(records[:used])] = records[:used]
    return larger


def empty_tables(room: Room) -> Tables:
    """Return tables without a symbol, an account or an order."""
    state = zeros(STATE, 1)
    state["fresh"] = 1
    state["levels"] = 1
    state["symbols"] = room.symbols
    slots = room.orders + 2  # slot 0 stands for none, and an incoming order needs one
    levels = SMALLEST_WINDOW * (1 + room.symbols)
    return Tables(
        orders=zeros(ORDER, slots),
        levels=zeros(LEVEL, levels),
        symbols=zeros(SYMBOL, room.symbols),
        rows=zeros(ROW, 0),
        clients=zeros(CLIENT, room.clients),
        accounts=zeros(ACCOUNT, room.accounts),
        positions=zeros(POSITION, room.accounts * room.symbols),
        bits=np.zeros(-(-levels // 64), dtype=np.int64),
        groups=np.zeros(-(-levels // 64**2), dtype=np.int64),
        heaps=np.zeros(-(-levels // 64**3), dtype=np.int64),
        touched=np.zeros(slots, dtype=np.int32),
        state=state,
        commands=zeros(COMMAND, 0),
        facts=zeros(FACT, room.facts),
    )
