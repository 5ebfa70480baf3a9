"""The kernel: obeys a batch of commands until one is rare or may not fit, which it leaves as it was.

The checks and their order are those of `stockex.core.desk` and `stockex.core.matching.validation`.
"""

from typing import Final

from stockex.core.matching.compiled import checks
from stockex.core.matching.compiled.checks import FIRST_IMMEDIATE, MARKET_TYPE, RARE_KIND, STOPS, UNKNOWN_ORDER
from stockex.core.matching.compiled.machine.code import compiled, part
from stockex.core.matching.compiled.machine.instructions import fetch, wide
from stockex.core.matching.compiled.machine.pointing import pointed
from stockex.core.matching.compiled.matching import execute
from stockex.core.matching.compiled.records import (
    ACCEPTED,
    BUY,
    CANCEL,
    CANCEL_REASONS,
    HAS_PRICE,
    HAS_QTY,
    KEPT,
    NEW,
    NONE,
    POST_ONLY,
    REPLACE,
    REPLACED,
)
from stockex.core.matching.compiled.tables import ALWAYS_TO_BACK, QTY_IS_OPEN, WIDEST, Tables
from stockex.core.matching.compiled.writing import cancelled, hold, priced, rejected, take_out, tell_levels
from stockex.vocabulary.enums import CancelReason

BY_OWNER: Final = CANCEL_REASONS.index(CancelReason.BY_OWNER)
BELOW_FILLED: Final = CANCEL_REASONS.index(CancelReason.REPLACED_BELOW_FILLED)

AHEAD_ID, AHEAD_ORDER, AHEAD_LINE = 12, 8, 4
"""How many commands before it is obeyed a command's id, order and line are fetched."""

check_entry, check_unused, check_form, check_market = checks.entry, checks.unused, checks.form, checks.market
check_limits, check_cover, check_meeting, check_place = checks.limits, checks.cover, checks.meeting, checks.place
check_replacement, target_of = checks.replacement, checks.target


@part
def free_slot(t: Tables) -> int:
    """Return a slot that no order has; there is one."""
    state = t.state[0]
    return wide(state["free"]) if state["free"] != 0 else wide(state["fresh"])


@part
def take_slot(t: Tables, slot: int) -> None:
    """Take the slot that `free_slot` gave."""
    state = t.state[0]
    if state["free"] != 0:
        state["free"] = t.orders[slot]["next"]
    else:
        state["fresh"] = slot + 1


@part
def use_client(t: Tables, pair: tuple[int, int]) -> None:
    """Remember that the account has used a client id: (account, client)."""
    account, client = pair
    t.accounts[account]["used"] += 1
    t.clients[client]["used"] = t.accounts[account]["used"]


@part
def fill_new(t: Tables, pair: tuple[int, int]) -> None:
    """Write the terms of a new order into a free slot, but for its link: (number, slot)."""
    number, slot = pair
    command, order = t.commands[number], t.orders[slot]
    flags = wide(command["flags"])
    order["id"] = command["offset"]
    order["leaves"] = command["qty"]
    order["cum"] = order["level"] = 0
    order["symbol"] = command["symbol"]
    order["account"] = command["account"]
    order["client"] = command["client"]
    order["side"] = command["side"]
    order["tif"] = command["tif"]
    mode = wide(command["self_trade"])
    order["self_trade"] = mode - 1 if mode != 0 else wide(t.symbols[int(command["symbol"])]["self_trade"])
    order["flags"] = flags & (HAS_PRICE | POST_ONLY)
    if flags & HAS_PRICE:
        order["price"] = command["price"]
    else:
        order["price"] = WIDEST if command["side"] == BUY else -WIDEST


@part
def new(t: Tables, number: int) -> int:
    """Place an order, or return why not."""
    command = t.commands[number]
    code = check_entry(t, number)
    if code == 0:
        code = check_unused(t, number)
    if code == 0:
        code = check_form(t, number)
    if code != 0:
        return code
    slot = free_slot(t)
    fill_new(t, (number, slot))
    code = check_limits(t, (slot, 0))
    if code == 0 and command["ord_type"] == MARKET_TYPE:
        code = check_market(t, slot)
    if code == 0:
        code = check_cover(t, (slot, 0))
    if code == 0:
        code = check_meeting(t, slot)
    if code == 0 and command["ord_type"] != MARKET_TYPE and wide(command["tif"]) < FIRST_IMMEDIATE:
        code = check_place(t, slot)
    if code != 0:
        return code
    take_slot(t, slot)
    use_client(t, (wide(command["account"]), wide(command["client"])))
    at = priced(t, slot)
    record = t.facts[at]
    record["kind"] = ACCEPTED
    record["qty"] = command["qty"]
    execute(t, slot)
    return 0


@part
def cancel(t: Tables, number: int) -> int:
    """Take an order out, or return why not."""
    code = check_entry(t, number)
    if code != 0:
        return code
    slot = target_of(t, number)
    if slot == 0:
        return UNKNOWN_ORDER
    _cancel(t, (number, slot))
    t.facts[int(t.state[0]["facts"]) - 1]["reason"] = BY_OWNER
    return 0


@part
def _cancel(t: Tables, pair: tuple[int, int]) -> None:
    number, slot = pair
    t.state[0]["own"] = t.orders[slot]["level"]
    t.facts[cancelled(t, slot)]["other_client"] = t.commands[number]["client"]
    take_out(t, slot)


@part
def replace(t: Tables, number: int) -> int:
    """Give an open order new terms, or return why not."""
    command = t.commands[number]
    code = check_entry(t, number)
    if code == 0 and command["client"] != NONE:
        code = check_unused(t, number)
    if code != 0:
        return code
    slot = target_of(t, number)
    if slot == 0:
        return UNKNOWN_ORDER
    code = check_replacement(t, (number, slot))
    if code != 0:
        return code
    order, flags = t.orders[slot], wide(command["flags"])
    rules = wide(t.symbols[int(command["symbol"])]["rules"])
    leaves = wide(order["leaves"])
    if flags & HAS_QTY:
        leaves = wide(command["qty"]) - (0 if rules & QTY_IS_OPEN else wide(order["cum"]))
    if leaves <= 0:
        _cancel(t, (number, slot))
        t.facts[int(t.state[0]["facts"]) - 1]["reason"] = BELOW_FILLED
        return 0
    limit = wide(command["price"]) if flags & HAS_PRICE else wide(order["price"])
    is_kept = limit == wide(order["price"]) and leaves <= wide(order["leaves"]) and not rules & ALWAYS_TO_BACK
    fresh = free_slot(t)
    code = _check_terms(t, (slot, fresh, leaves, limit))
    if code != 0:
        return code
    _change(t, (number, slot, fresh, wide(is_kept)))
    if not is_kept:
        execute(t, fresh)
    return 0


@part
def _check_terms(t: Tables, terms: tuple[int, int, int, int]) -> int:
    """Write an open order with new terms into a free slot; return why it may not have them.

    Args: terms: slot, free slot, new leaves, new limit.
    """
    slot, fresh, leaves, limit = terms
    link = wide(t.orders[fresh]["next"])
    t.orders[fresh] = t.orders[slot]
    order = t.orders[fresh]
    before = wide(order["price"])
    held = wide(order["leaves"]) * (before if order["side"] == BUY else 1)
    order["next"] = link
    order["leaves"] = leaves
    order["price"] = limit
    code = check_limits(t, (fresh, slot))
    if code == 0:
        code = check_cover(t, (fresh, held))
    if code == 0:
        code = check_meeting(t, fresh)
    return check_place(t, fresh) if code == 0 and limit != before else code


@part
def _change(t: Tables, change: tuple[int, int, int, int]) -> None:
    """Let an open order take new terms, in its place or out of it: (number, slot, fresh, is_kept)."""
    number, slot, fresh, is_kept = change
    command, order, terms = t.commands[number], t.orders[slot], t.orders[fresh]
    old, client = wide(order["client"]), wide(command["client"])
    t.state[0]["own"] = order["level"]
    if client != NONE:
        use_client(t, (wide(command["account"]), client))
        t.clients[old]["slot"] = 0
        terms["client"] = client
    else:
        client = old
    if is_kept:
        less = wide(order["leaves"]) - wide(terms["leaves"])
        t.levels[int(order["level"])]["qty"] -= less
        hold(t, (slot, -less))
        order["leaves"] = terms["leaves"]
        order["client"] = client
        t.clients[client]["slot"] = slot
    else:
        take_slot(t, fresh)
        take_out(t, slot)
    at = priced(t, fresh)
    record = t.facts[at]
    record["kind"] = REPLACED
    record["qty"] = wide(record["leaves"]) + wide(record["cum"])
    record["other_client"] = old
    record["flag"] = HAS_PRICE | KEPT if is_kept else HAS_PRICE


@part
def step(t: Tables, number: int) -> int:
    """Obey one command or refuse it; return 0, or why the kernel stops before it."""
    state, command = t.state[0], t.commands[number]
    state["touched"] = state["own"] = state["own_too"] = 0
    state["figure"] = state["other"] = state["third"] = 0
    if len(t.facts) == wide(state["facts"]):
        return checks.GROW_FACTS
    kind = wide(command["kind"])
    if kind == NEW:
        side = wide(command["side"])
        code = new(t, number)
    elif kind in (CANCEL, REPLACE):
        slot = target_of(t, number)
        side = wide(t.orders[slot]["side"])
        code = cancel(t, number) if kind == CANCEL else replace(t, number)
    else:
        return RARE_KIND
    if code >= STOPS:
        return code
    if code != 0:
        rejected(t, code - 1)
    elif state["levels"]:
        tell_levels(t, side)
    return 0


@part
def look_ahead(t: Tables, number: int) -> None:
    """Ask the memory for what commands to come will touch: ids first, then their orders, then these orders' line."""
    count = len(t.commands)
    if number + AHEAD_ID < count:
        command = t.commands[number + AHEAD_ID]
        account, symbol = wide(command["account"]), wide(command["symbol"])
        fetch((t.clients, wide(command["target"])))
        fetch((t.accounts, account))
        fetch((t.symbols, symbol))
        fetch((t.positions, account * wide(t.state[0]["symbols"]) + symbol))
    if number + AHEAD_ORDER < count:
        client = wide(t.commands[number + AHEAD_ORDER]["target"])
        if 0 <= client < len(t.clients):
            fetch((t.orders, wide(t.clients[client]["slot"])))
    if number + AHEAD_LINE < count:
        client = wide(t.commands[number + AHEAD_LINE]["target"])
        if 0 <= client < len(t.clients):
            order = t.orders[max(wide(t.clients[client]["slot"]), 0)]
            fetch((t.orders, wide(order["next"])))
            fetch((t.orders, wide(order["prev"])))
            fetch((t.levels, wide(order["level"])))


@compiled
def run(tables: Tables) -> None:
    """Obey a batch from the state's `command` on; its `stop` says why not all, or 0."""
    t = pointed(tables)
    state = t.state[0]
    state["stop"] = 0
    number, count = wide(state["command"]), len(t.commands)
    while number < count:
        state["command"] = number
        look_ahead(t, number)
        code = step(t, number)
        if code != 0:
            state["stop"] = code
            return
        number += 1
    state["command"] = number
