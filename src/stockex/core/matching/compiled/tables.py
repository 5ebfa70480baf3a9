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
        ("base", np.int64),  # the price of the window's first level
        ("tick", np.int64),
        ("lot", np.int64),
        ("places", np.int64),
        ("first", np.int32),  # the window's first level
        ("size", np.int32),  # how many levels it has
        ("bid", np.int32),  # the best level of each side
        ("ask", np.int32),
        ("orders", np.int32),  # how many rest
        ("state", np.uint8),  # UNLISTED, AWAY, HERE
        ("self_trade", np.uint8),  # the mode of orders that name none
        ("rules", np.uint8),  # ALWAYS_TO_BACK, QTY_IS_OPEN, BELOW_FILLED_CANCELS
        ("spare", np.uint8),
        ("last", np.int64),  # the last price here; NO_PRICE before the first trade
        ("low", np.int64),  # trades happen here from low to high, both included
        ("high", np.int64),
        ("lowest", np.int64),  # limits are taken here from lowest to highest, both included
        ("highest", np.int64),
        ("most", np.int64),  # the largest quantity that is taken here
        ("more", np.int64, 3),
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
        ("build", np.int64),
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
ALWAYS_TO_BACK, QTY_IS_OPEN, BELOW_FILLED_CANCELS = 1, 2, 4
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


LINE: Final = 64


def zeros(dtype: np.dtype[np.void], count: int) -> Records:
    """Return `count` empty records that begin on a cache line."""
    size = dtype.itemsize * count
    raw = np.zeros(size + LINE, dtype=np.uint8)
    start = -raw.ctypes.data % LINE
    found: Records = raw[start : start + size].view(dtype)
    return found


def enlarged(records: Records, count: int) -> Records:
    """Return `count` records, the first of them those given."""
    larger = zeros(records.dtype, count)
    larger[: len(records)] = records
    return larger


def empty_tables() -> Tables:
    """Return tables without a symbol, an account or an order."""
    state = zeros(STATE, 1)
    state["fresh"] = 1
    state["levels"] = 1
    return Tables(
        orders=zeros(ORDER, 1024),
        levels=zeros(LEVEL, 512),
        symbols=zeros(SYMBOL, 1),
        clients=zeros(CLIENT, 1024),
        accounts=zeros(ACCOUNT, 1),
        positions=zeros(POSITION, 1),
        bits=np.zeros(8, dtype=np.int64),
        groups=np.zeros(1, dtype=np.int64),
        heaps=np.zeros(1, dtype=np.int64),
        touched=np.zeros(1024, dtype=np.int32),
        state=state,
        commands=zeros(COMMAND, 0),
        facts=zeros(FACT, 1024),
    )
