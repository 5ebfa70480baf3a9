"""Why a command is refused, or not for the kernel: 0 for neither, a reject reason's index plus 1, or a stop."""

from typing import Final

from stockex.core.matching.compiled.ladder import turn
from stockex.core.matching.compiled.machine.code import part, shared
from stockex.core.matching.compiled.machine.instructions import wide
from stockex.core.matching.compiled.matching import opposite, sweep
from stockex.core.matching.compiled.records import BUY, HAS_PRICE, HAS_QTY, POST_ONLY, REJECT_REASONS, TIFS
from stockex.core.matching.compiled.tables import (
    AWAY,
    BELOW_FILLED_CANCELS,
    HAS_LIMITS,
    KNOWN,
    LIMITED,
    MARKETS_REST,
    NO_PRICE,
    QTY_IS_OPEN,
    STOPPED,
    UNLISTED,
    Tables,
)
from stockex.core.matching.ids import REMEMBERED
from stockex.vocabulary.enums import TimeInForce
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import MAX_PRICE, MAX_QTY

STOPS: Final = 100
GROW_ORDERS, GROW_FACTS, GROW_CLIENTS, GROW_ACCOUNTS, GROW_WINDOW = 101, 102, 103, 104, 105
RARE_KIND, RARE_NUMBER, RARE_AWAY, RARE_STOPPED, RARE_TERMS, RARE_RANGE, IS_FULL = 111, 112, 113, 114, 115, 116, 117
"""Why the kernel stops: to be given room, or before a command that is not for it."""

HIGHEST: Final = int(MAX_PRICE)
MOST: Final = int(MAX_QTY)
INT32: Final = 2**31 - 1
LIMIT_TYPE, MARKET_TYPE = 0, 1
LAST_TIF: Final = TIFS.index(TimeInForce.FOK)
FIRST_IMMEDIATE: Final = TIFS.index(TimeInForce.IOC)
WHOLE_BP: Final = 10_000
FACTS_OF_ONE: Final = 8
FACTS_A_MEETING: Final = 3


def _code(reason: RejectReason) -> int:
    return REJECT_REASONS.index(reason) + 1


_R = RejectReason
UNKNOWN_ACCOUNT: Final = _code(_R.UNKNOWN_ACCOUNT)
UNKNOWN_SYMBOL: Final = _code(_R.UNKNOWN_SYMBOL)
DUPLICATE: Final = _code(_R.DUPLICATE_CL_ORD_ID)
UNKNOWN_ORDER: Final = _code(_R.UNKNOWN_ORDER)
BAD_QUANTITY: Final = _code(_R.BAD_QUANTITY)
QUANTITY_TOO_LARGE: Final = _code(_R.QUANTITY_TOO_LARGE)
ODD_LOT: Final = _code(_R.ODD_LOT)
PRICE_MISSING: Final = _code(_R.PRICE_MISSING)
PRICE_NOT_ALLOWED: Final = _code(_R.PRICE_NOT_ALLOWED)
BAD_PRICE: Final = _code(_R.BAD_PRICE)
PRICE_TOO_HIGH: Final = _code(_R.PRICE_TOO_HIGH)
OFF_TICK: Final = _code(_R.OFF_TICK)
POST_ONLY_CONFLICT: Final = _code(_R.POST_ONLY_CONFLICT)
BELOW_FILLED: Final = _code(_R.BELOW_FILLED)
INSUFFICIENT_CASH: Final = _code(_R.INSUFFICIENT_CASH)
INSUFFICIENT_SHARES: Final = _code(_R.INSUFFICIENT_SHARES)
ABOVE_MAX_QUANTITY: Final = _code(_R.ABOVE_MAX_QUANTITY)
ABOVE_MAX_VALUE: Final = _code(_R.ABOVE_MAX_VALUE)
OUTSIDE_BAND: Final = _code(_R.OUTSIDE_BAND)
FAT_FINGER_PRICE: Final = _code(_R.FAT_FINGER_PRICE)
POST_ONLY_WOULD_TRADE: Final = _code(_R.POST_ONLY_WOULD_TRADE)


@part
def refusal(t: Tables, because: tuple[int, int, int]) -> int:
    """Note the figures that decided; return the reason's code."""
    code, figure, other = because
    state = t.state[0]
    state["figure"] = figure
    state["other"] = other
    return code


@part
def entry(t: Tables, number: int) -> int:
    """Check that account and symbol are known and may trade here, and that there is room for what may come of it."""
    command, state = t.commands[number], t.state[0]
    account, symbol = wide(command["account"]), wide(command["symbol"])
    if account < 0 or state["is_full"]:
        return RARE_NUMBER if account < 0 else IS_FULL
    if account >= len(t.accounts):
        return GROW_ACCOUNTS if state["is_open"] else UNKNOWN_ACCOUNT
    flags = wide(t.accounts[account]["flags"])
    if flags & (KNOWN | STOPPED) != KNOWN:
        return UNKNOWN_ACCOUNT if flags & STOPPED == 0 else RARE_STOPPED
    if symbol < 0 or symbol >= len(t.symbols) or t.symbols[symbol]["state"] == UNLISTED:
        return UNKNOWN_SYMBOL
    if t.symbols[symbol]["state"] == AWAY:
        return RARE_AWAY
    if len(t.facts) - wide(state["facts"]) < FACTS_OF_ONE:
        return GROW_FACTS
    if state["free"] == 0 and wide(state["fresh"]) >= len(t.orders):
        return GROW_ORDERS
    return 0


@part
def unused(t: Tables, number: int) -> int:
    """Check that the client id is free: of no open order, and not among the account's newest (VAL-02)."""
    command = t.commands[number]
    client = wide(command["client"])
    if client < 0:
        return RARE_NUMBER
    if client >= len(t.clients):
        return GROW_CLIENTS
    record = t.clients[client]
    used = wide(record["used"])
    if record["slot"] != 0:
        return DUPLICATE
    if used != 0 and wide(t.accounts[int(command["account"])]["used"]) - used < REMEMBERED:
        return DUPLICATE
    return 0


@part
def target(t: Tables, number: int) -> int:
    """Return the slot of the open order that the command means; 0: the account has none in that symbol."""
    command = t.commands[number]
    client = wide(command["target"])
    if client < 0 or client >= len(t.clients):
        return 0
    slot = wide(t.clients[client]["slot"])
    if slot <= 0:
        return 0
    order = t.orders[slot]
    return slot if order["account"] == command["account"] and order["symbol"] == command["symbol"] else 0


@part
def quantity(t: Tables, number: int) -> int:
    """Check a quantity by itself (VAL-04, VAL-05)."""
    command = t.commands[number]
    qty = wide(command["qty"])
    symbol = t.symbols[int(command["symbol"])]
    if qty <= 0:
        return refusal(t, (BAD_QUANTITY, qty, 0))
    if qty > MOST:
        return refusal(t, (QUANTITY_TOO_LARGE, qty, MOST))
    lot = wide(symbol["lot"])
    if lot != 1 and qty % lot != 0:
        return refusal(t, (ODD_LOT, qty, lot))
    return 0


@part
def price(t: Tables, number: int) -> int:
    """Check a limit by itself (VAL-06, VAL-07)."""
    command = t.commands[number]
    limit = wide(command["price"])
    symbol = t.symbols[int(command["symbol"])]
    if limit <= 0:
        return refusal(t, (BAD_PRICE, limit, 0))
    if limit > HIGHEST:
        return refusal(t, (PRICE_TOO_HIGH, limit, HIGHEST))
    if not wide(symbol["lowest"]) <= limit <= wide(symbol["highest"]):
        turn(t, (wide(command["symbol"]), limit))
    tick = wide(symbol["tick"])
    if limit % tick != 0:
        return refusal(t, (OFF_TICK, limit, tick))
    return 0


@part
def form(t: Tables, number: int) -> int:
    """Check the form of a new order (VAL-04 to VAL-13)."""
    command = t.commands[number]
    kind, tif, flags = wide(command["ord_type"]), wide(command["tif"]), wide(command["flags"])
    if kind > MARKET_TYPE or tif > LAST_TIF or wide(command["side"]) > 1:
        return RARE_TERMS
    code = quantity(t, number)
    if code != 0:
        return code
    if kind == MARKET_TYPE:
        if flags & HAS_PRICE:
            return refusal(t, (PRICE_NOT_ALLOWED, wide(command["price"]), 0))
    elif not flags & HAS_PRICE:
        return PRICE_MISSING
    else:
        code = price(t, number)
        if code != 0:
            return code
    if flags & POST_ONLY and (kind == MARKET_TYPE or tif >= FIRST_IMMEDIATE):
        return refusal(t, (POST_ONLY_CONFLICT, kind, tif))
    return 0


@part
def replacement(t: Tables, pair: tuple[int, int]) -> int:
    """Check the form of new terms for the order in a slot (REP-03, REP-08): (number, slot)."""
    number, slot = pair
    command, order = t.commands[number], t.orders[slot]
    qty, flags = wide(command["qty"]), wide(command["flags"])
    rules = wide(t.symbols[int(command["symbol"])]["rules"])
    if flags & HAS_QTY and not (qty == 0 and rules & BELOW_FILLED_CANCELS):
        code = quantity(t, number)
        if code != 0:
            return code
    if flags & HAS_PRICE:
        code = price(t, number)
        if code != 0:
            return code
    if flags & HAS_QTY and rules & (QTY_IS_OPEN | BELOW_FILLED_CANCELS) == 0 and qty <= wide(order["cum"]):
        return refusal(t, (BELOW_FILLED, qty, wide(order["cum"])))
    return RARE_NUMBER if rules & QTY_IS_OPEN and qty + wide(order["cum"]) > INT32 else 0


@part
def limits(t: Tables, pair: tuple[int, int]) -> int:
    """Check the terms in a slot against the market's limits (LIM-04 to LIM-07): (slot, that of the terms before, or 0).

    What they do not raise or change they do not break.
    """
    rules = wide(t.symbols[int(t.orders[pair[0]]["symbol"])]["rules"])
    return _limits(t, pair) if rules & HAS_LIMITS else 0


@shared
def _limits(t: Tables, pair: tuple[int, int]) -> int:
    slot, before = pair
    order, old = t.orders[slot], t.orders[before]
    symbol = t.symbols[int(order["symbol"])]
    qty, old_qty = wide(order["leaves"]) + wide(order["cum"]), wide(old["leaves"]) + wide(old["cum"])
    most, top = wide(symbol["most"]), wide(symbol["top"])
    if max(qty, old_qty) > MOST:
        return RARE_NUMBER
    if qty > most and qty > old_qty:
        return refusal(t, (ABOVE_MAX_QUANTITY, qty, most))
    has_price, old_price = wide(order["flags"]) & HAS_PRICE, wide(old["price"])
    limit = wide(order["price"]) if has_price else known(t, wide(order["symbol"]))
    if qty * limit > top and qty * limit > old_qty * old_price:
        return refusal(t, (ABOVE_MAX_VALUE, qty * limit, top))
    if not has_price or limit == old_price:
        return 0
    if not wide(symbol["band_low"]) <= limit <= wide(symbol["band_high"]):
        t.state[0]["third"] = symbol["band_high"]
        return refusal(t, (OUTSIDE_BAND, limit, wide(symbol["band_low"])))
    return _collar(t, slot)


@shared
def _collar(t: Tables, slot: int) -> int:
    """Check that a limit is not too far through the market (LIM-07)."""
    order = t.orders[slot]
    symbol, limit, is_buy = t.symbols[int(order["symbol"])], wide(order["price"]), order["side"] == BUY
    bp = wide(symbol["collar_bp"])
    level = wide(symbol["ask"] if is_buy else symbol["bid"])
    start = wide(t.levels[level]["price"]) if level != 0 else known(t, wide(order["symbol"]))
    if bp == 0 or start == NO_PRICE:
        return 0
    away = start * bp // WHOLE_BP
    edge = start + away if is_buy else start - away
    if limit <= edge if is_buy else limit >= edge:
        return 0
    t.state[0]["third"] = start
    return refusal(t, (FAT_FINGER_PRICE, limit, edge))


@shared
def market(t: Tables, slot: int) -> int:
    """Check that the order without a limit in a slot leaves nothing that would stay, where what it leaves does.

    A buyer whose account is held to what it has would hold more at once than it pays.
    """
    order = t.orders[slot]
    if wide(order["tif"]) >= FIRST_IMMEDIATE or not wide(t.symbols[int(order["symbol"])]["rules"]) & MARKETS_REST:
        return 0
    if order["side"] == BUY and wide(t.accounts[int(order["account"])]["flags"]) & LIMITED:
        return RARE_TERMS
    sweep(t, slot)
    return 0 if wide(t.state[0]["filled"]) == wide(order["leaves"]) else RARE_TERMS


@part
def known(t: Tables, number: int) -> int:
    """Return a symbol's last price, or else its reference, or else NO_PRICE."""
    symbol = t.symbols[number]
    return wide(symbol["last"]) if symbol["last"] != NO_PRICE else wide(symbol["reference"])


@part
def cover(t: Tables, pair: tuple[int, int]) -> int:
    """Check that the account can cover the terms in a slot beyond what is held for them: (slot, held)."""
    slot, held = pair
    order = t.orders[slot]
    account = t.accounts[int(order["account"])]
    if not wide(account["flags"]) & LIMITED:
        return 0
    if order["side"] != BUY:
        position = t.positions[int(order["account"]) * wide(t.state[0]["symbols"]) + wide(order["symbol"])]
        need, free = wide(order["leaves"]) - held, wide(position["shares"]) - wide(position["held"])
        return 0 if need <= max(free, 0) else refusal(t, (INSUFFICIENT_SHARES, need, free))
    if wide(order["flags"]) & HAS_PRICE:
        need = wide(order["leaves"]) * wide(order["price"]) - held
    else:
        sweep(t, slot)
        need = wide(t.state[0]["cost"])
    free = wide(account["cash"]) - wide(account["held"])
    return 0 if need <= max(free, 0) else refusal(t, (INSUFFICIENT_CASH, need, free))


@part
def meeting(t: Tables, slot: int) -> int:
    """Check what the order in a slot would meet: nothing if it is post-only, nothing outside the ranges or the room."""
    order, state = t.orders[slot], t.state[0]
    level = opposite(t, slot)
    if level == 0:
        return 0
    best = wide(t.levels[level]["price"])
    if wide(order["flags"]) & POST_ONLY:
        return refusal(t, (POST_ONLY_WOULD_TRADE, best, 0))
    symbol, limit = t.symbols[int(order["symbol"])], wide(order["price"])
    low, high, bp = wide(symbol["low"]), wide(symbol["high"]), wide(symbol["dynamic_bp"])
    if bp != 0:
        centre = known(t, wide(order["symbol"]))
        if centre != NO_PRICE:
            low, high = max(low, centre - centre * bp // WHOLE_BP), min(high, centre + centre * bp // WHOLE_BP)
    is_inside = low <= best <= high and low <= limit <= high
    room = (len(t.facts) - wide(state["facts"]) - FACTS_OF_ONE) // FACTS_A_MEETING
    if is_inside and room >= wide(symbol["orders"]):
        return 0
    sweep(t, slot)
    if room < wide(state["met"]):
        return GROW_FACTS
    if is_inside or state["filled"] == 0:
        return 0
    return 0 if low <= best <= high and low <= wide(state["worst"]) <= high else RARE_RANGE


@part
def place(t: Tables, slot: int) -> int:
    """Give the order in a slot, which may rest, its level; without one in the window, ask for a larger window."""
    order = t.orders[slot]
    symbol = t.symbols[int(order["symbol"])]
    ticks = (wide(order["price"]) - wide(symbol["base"])) // wide(symbol["tick"])
    if ticks < 0 or ticks >= wide(symbol["size"]):
        return refusal(t, (GROW_WINDOW, wide(order["symbol"]), wide(order["price"])))
    order["level"] = wide(symbol["first"]) + ticks
    return 0
