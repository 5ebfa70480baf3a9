"""The records of the batch interface: commands in, facts out, 64 bytes each.

Prices are whole 1/10 000 euro, quantities whole shares, times nanoseconds since 1970 UTC. Accounts, symbols and client
order ids are small whole numbers that the caller gives out, from 0 without gaps: a client id stands for one pair of
account and text. An order's id is the offset of the command that placed it.
"""

from typing import Final

import numpy as np

from stockex.vocabulary.enums import CancelReason, OrdType, SelfTrade, Side, TimeInForce
from stockex.vocabulary.reasons import RejectReason

COMMAND: Final = np.dtype(
    [
        ("offset", np.int64),  # the command's place in the log, above all before it
        ("at", np.int64),  # the log's time of it
        ("qty", np.int64),  # new: the quantity; replace: the new quantity, if HAS_QTY
        ("price", np.int64),  # the limit, if HAS_PRICE
        ("symbol", np.int32),
        ("account", np.int32),
        ("client", np.int32),  # the new order's client id; of a replace or cancel its own id, or NONE
        ("target", np.int32),  # the client id of the order that a replace or cancel means
        ("source", np.int32),  # who sent it, a number of the caller's; repeated in no fact
        ("kind", np.uint8),  # NEW, CANCEL, REPLACE
        ("side", np.uint8),  # BUY, SELL
        ("ord_type", np.uint8),  # index in ORD_TYPES; LIMIT and MARKET run here
        ("tif", np.uint8),  # index in TIFS; DAY, GTC, IOC, FOK run here
        ("self_trade", np.uint8),  # index in SELF_TRADES plus 1; 0: the market's own mode
        ("flags", np.uint8),  # POST_ONLY, HAS_PRICE, HAS_QTY
        ("spare", np.uint16),
    ],
    align=True,
)
"""One command. Terms that have no field here are rare: their commands run on `plain`."""

FACT: Final = np.dtype(
    [
        ("order", np.int64),  # the id of the order that the fact is about; TRADED: the incoming one
        ("other", np.int64),  # TRADED: the id of the resting order
        ("price", np.int64),  # TRADED, LEVEL: the price; ACCEPTED, RESTED, REPLACED: the limit
        ("command", np.int32),  # the place in the batch of the command that caused it
        ("qty", np.int32),  # ACCEPTED: total; TRADED, CANCELLED, REDUCED: what moved; LEVEL: how many orders
        ("leaves", np.int32),
        ("cum", np.int32),
        ("other_leaves", np.int32),
        ("other_cum", np.int32),
        ("client", np.int32),  # the client id of `order` after the fact
        ("other_client", np.int32),
        ("kind", np.uint8),  # ACCEPTED ... LEVEL
        ("side", np.uint8),  # of `order`; of the level
        ("reason", np.uint8),  # CANCELLED, REDUCED: index in CANCEL_REASONS; REJECTED: in REJECT_REASONS
        ("flag", np.uint8),  # HAS_PRICE of `order`; REPLACED: whether it kept its place, in KEPT
        ("spare", np.uint32),
    ],
    align=True,
)
"""One fact. REJECTED has what decided in `order`, `other` and `price`; LEVEL has the visible total in `order`."""

NONE: Final = -1
"""No client id."""

NEW, CANCEL, REPLACE = 1, 2, 3
BUY, SELL = 0, 1
POST_ONLY, HAS_PRICE, HAS_QTY, KEPT = 1, 2, 4, 8
ACCEPTED, REJECTED, RESTED, TRADED, REDUCED, CANCELLED, REPLACED, LEVEL = 1, 2, 3, 4, 5, 6, 7, 8

SIDES: Final = tuple(Side)
ORD_TYPES: Final = tuple(OrdType)
TIFS: Final = tuple(TimeInForce)
SELF_TRADES: Final = tuple(SelfTrade)
CANCEL_REASONS: Final = tuple(CancelReason)
REJECT_REASONS: Final = tuple(RejectReason)
"""The enumerations whose members the records name by their index."""
