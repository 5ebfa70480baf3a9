"""An incoming order against the book: the order is in a slot that no line has, with its level if it may rest.

Each part has its twin in `stockex.core.matching.continuous`.
"""

from typing import Final

from stockex.core.matching.compiled.ladder import append, further, unlink
from stockex.core.matching.compiled.machine.code import part, shared
from stockex.core.matching.compiled.machine.instructions import wide
from stockex.core.matching.compiled.records import (
    BUY,
    CANCEL_REASONS,
    HAS_PRICE,
    REDUCED,
    RESTED,
    SELF_TRADES,
    TIFS,
)
from stockex.core.matching.compiled.tables import Tables
from stockex.core.matching.compiled.writing import (
    about,
    cancelled,
    end,
    hold,
    move_money,
    priced,
    take_out,
    traded,
)
from stockex.vocabulary.enums import CancelReason, SelfTrade, TimeInForce

ALLOW: Final = SELF_TRADES.index(SelfTrade.ALLOW)
NEWEST: Final = SELF_TRADES.index(SelfTrade.CANCEL_NEWEST)
OLDEST: Final = SELF_TRADES.index(SelfTrade.CANCEL_OLDEST)
BOTH: Final = SELF_TRADES.index(SelfTrade.CANCEL_BOTH)
DECREMENT: Final = SELF_TRADES.index(SelfTrade.DECREMENT_AND_CANCEL)
IOC: Final = TIFS.index(TimeInForce.IOC)
FOK: Final = TIFS.index(TimeInForce.FOK)
SELF_TRADE: Final = CANCEL_REASONS.index(CancelReason.SELF_TRADE)
IOC_REMAINDER: Final = CANCEL_REASONS.index(CancelReason.IOC_REMAINDER)
FOK_UNFILLED: Final = CANCEL_REASONS.index(CancelReason.FOK_UNFILLED)
MARKET_REMAINDER: Final = CANCEL_REASONS.index(CancelReason.MARKET_REMAINDER)


@part
def opposite(t: Tables, slot: int) -> int:
    """Return the best level that the order could trade with within its limit; 0: there is none."""
    order = t.orders[slot]
    symbol = t.symbols[int(order["symbol"])]
    if order["side"] == BUY:
        level = wide(symbol["ask"])
        return level if level != 0 and wide(t.levels[level]["price"]) <= wide(order["price"]) else 0
    level = wide(symbol["bid"])
    return level if level != 0 and wide(t.levels[level]["price"]) >= wide(order["price"]) else 0


@shared
def sweep(t: Tables, slot: int) -> None:
    """Add up what the order would trade now, and change no order: `filled`, `cost`, `worst` and `met` of the state."""
    order, state = t.orders[slot], t.state[0]
    limit, mode, is_buy = wide(order["price"]), wide(order["self_trade"]), order["side"] == BUY
    missing, filled, cost, worst, met = wide(order["leaves"]), 0, 0, 0, 0
    level = opposite(t, slot)
    while level != 0 and missing > 0:
        price = wide(t.levels[level]["price"])
        if price > limit if is_buy else price < limit:
            break
        at = wide(t.levels[level]["head"])
        while at != 0 and missing > 0:
            resting = t.orders[at]
            met += 1
            if mode != ALLOW and resting["account"] == order["account"]:
                if mode == DECREMENT:
                    missing = max(missing - wide(resting["leaves"]), 0)
                elif mode != OLDEST:
                    missing = 0
            else:
                qty = min(missing, wide(resting["leaves"]))
                missing -= qty
                filled += qty
                cost += qty * price
                worst = price
            at = wide(resting["next"])
        level = further(t, level)
    state["filled"] = filled
    state["cost"] = cost
    state["worst"] = worst
    state["met"] = met


@part
def _touch(t: Tables, level: int) -> None:
    """Note a level of the other side that the command changes; they come best first."""
    state = t.state[0]
    count = wide(state["touched"])
    if count == 0 or wide(t.touched[count - 1]) != level:
        t.touched[count] = level
        state["touched"] = count + 1


@part
def match(t: Tables, slot: int) -> bool:
    """Trade until nothing crosses or nothing is left; say whether the order met its own account and ended."""
    order = t.orders[slot]
    before, cash, has_ended = wide(order["cum"]), 0, False
    while wide(order["leaves"]) > 0:
        level = opposite(t, slot)
        if level == 0:
            break
        head = wide(t.levels[level]["head"])
        if order["self_trade"] != ALLOW and t.orders[head]["account"] == order["account"]:
            has_ended = _prevent(t, (slot, head))
            if has_ended:
                break
            continue
        _touch(t, level)
        cash += _fill(t, (slot, head))
    shares = wide(order["cum"]) - before
    if shares > 0:
        if order["side"] != BUY:
            shares, cash = -shares, -cash
        move_money(t, (wide(order["account"]), wide(order["symbol"]), shares, -cash))
    return has_ended


@part
def _fill(t: Tables, pair: tuple[int, int]) -> int:
    """Trade with the resting order that leads; return the cash. The incoming order's own money moves later."""
    slot, head = pair
    order, resting = t.orders[slot], t.orders[head]
    qty = min(wide(order["leaves"]), wide(resting["leaves"]))
    cash = qty * wide(resting["price"])
    order["leaves"] -= qty
    order["cum"] += qty
    resting["leaves"] -= qty
    resting["cum"] += qty
    t.levels[int(resting["level"])]["qty"] -= qty
    t.symbols[int(order["symbol"])]["last"] = resting["price"]
    traded(t, (slot, head, qty))
    hold(t, (head, -qty))
    if resting["side"] == BUY:
        move_money(t, (wide(resting["account"]), wide(resting["symbol"]), qty, -cash))
    else:
        move_money(t, (wide(resting["account"]), wide(resting["symbol"]), -qty, cash))
    if resting["leaves"] == 0:
        unlink(t, head)
        end(t, head)
    return cash


@shared
def _prevent(t: Tables, pair: tuple[int, int]) -> bool:
    """Keep two orders of one account apart, as the incoming one asks; say whether that one ended."""
    slot, head = pair
    order, resting = t.orders[slot], t.orders[head]
    mode, qty = wide(order["self_trade"]), min(wide(order["leaves"]), wide(resting["leaves"]))
    is_cut = mode == DECREMENT
    ends_resting = wide(resting["leaves"]) == qty if is_cut else mode != NEWEST
    ends_order = wide(order["leaves"]) == qty if is_cut else mode != OLDEST
    if ends_resting or is_cut:
        _touch(t, wide(resting["level"]))
    if ends_resting:
        t.facts[cancelled(t, head)]["reason"] = SELF_TRADE
        take_out(t, head)
    elif is_cut:
        t.levels[int(resting["level"])]["qty"] -= qty
        hold(t, (head, -qty))
        _reduce(t, (head, qty))
    if ends_order:
        t.facts[cancelled(t, slot)]["reason"] = SELF_TRADE
    elif is_cut:
        _reduce(t, (slot, qty))
    return ends_order


@part
def _reduce(t: Tables, pair: tuple[int, int]) -> None:
    slot, qty = pair
    t.orders[slot]["leaves"] -= qty
    record = t.facts[about(t, slot)]
    record["kind"] = REDUCED
    record["qty"] = qty
    record["reason"] = SELF_TRADE


@part
def execute(t: Tables, slot: int) -> None:
    """Match an accepted order, then rest it, or cancel what is left and give up its slot."""
    order, state = t.orders[slot], t.state[0]
    tif = wide(order["tif"])
    if tif == FOK:
        sweep(t, slot)
        if wide(state["filled"]) < wide(order["leaves"]):
            t.facts[cancelled(t, slot)]["reason"] = FOK_UNFILLED
            _give_back(t, slot)
            return
    has_ended = opposite(t, slot) != 0 and match(t, slot)
    if has_ended or order["leaves"] == 0:
        _give_back(t, slot)
    elif wide(order["flags"]) & HAS_PRICE and tif < IOC:
        _rest(t, slot)
    else:
        is_limit = wide(order["flags"]) & HAS_PRICE
        t.facts[cancelled(t, slot)]["reason"] = IOC_REMAINDER if is_limit else MARKET_REMAINDER
        _give_back(t, slot)


@part
def _give_back(t: Tables, slot: int) -> None:
    state = t.state[0]
    t.orders[slot]["next"] = state["free"]
    state["free"] = slot


@part
def _rest(t: Tables, slot: int) -> None:
    order = t.orders[slot]
    symbol = t.symbols[int(order["symbol"])]
    symbol["places"] += 1
    symbol["orders"] += 1
    order["place"] = symbol["places"]
    t.clients[int(order["client"])]["slot"] = slot
    append(t, slot)
    hold(t, (slot, wide(order["leaves"])))
    t.state[0]["own_too"] = order["level"]
    record = t.facts[priced(t, slot)]
    record["kind"] = RESTED
    record["cum"] = 0
