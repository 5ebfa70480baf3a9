"""Writing facts down, and the money that moves with them."""

from stockex.core.matching.compiled.ladder import unlink
from stockex.core.matching.compiled.machine.code import part
from stockex.core.matching.compiled.machine.instructions import wide
from stockex.core.matching.compiled.records import BUY, CANCELLED, HAS_PRICE, LEVEL, NONE, REJECTED, TRADED
from stockex.core.matching.compiled.tables import Tables

LARGEST = 1 << 62
"""Beyond this an account's figures are too large for another command to be sure of fitting 64 bits."""


@part
def fact(t: Tables, kind: int) -> int:
    """Begin a fact of the current command, all else nothing; return its place."""
    state = t.state[0]
    at = wide(state["facts"])
    state["facts"] = at + 1
    record = t.facts[at]
    record["order"] = record["other"] = record["price"] = 0
    record["command"] = state["command"]
    record["qty"] = record["leaves"] = record["cum"] = 0
    record["other_leaves"] = record["other_cum"] = 0
    record["client"] = record["other_client"] = NONE
    record["kind"] = kind
    record["side"] = record["reason"] = record["flag"] = 0
    record["spare"] = 0
    return at


@part
def about(t: Tables, slot: int) -> int:
    """Begin a fact about an order: its id, client id, side and quantities; the caller gives it its kind."""
    order = t.orders[slot]
    at = fact(t, 0)
    record = t.facts[at]
    record["order"] = order["id"]
    record["leaves"] = order["leaves"]
    record["cum"] = order["cum"]
    record["client"] = order["client"]
    record["side"] = order["side"]
    return at


@part
def priced(t: Tables, slot: int) -> int:
    """Begin a fact about an order that tells its limit."""
    order = t.orders[slot]
    at = about(t, slot)
    if wide(order["flags"]) & HAS_PRICE:
        record = t.facts[at]
        record["price"] = order["price"]
        record["flag"] = HAS_PRICE
    return at


@part
def cancelled(t: Tables, slot: int) -> int:
    """Write that the order ends with what it leaves; the caller adds the reason."""
    at = about(t, slot)
    record = t.facts[at]
    record["kind"] = CANCELLED
    record["qty"] = record["leaves"]
    record["leaves"] = 0
    return at


@part
def rejected(t: Tables, reason: int) -> None:
    """Write that the current command is refused, with the figures that the state names."""
    state = t.state[0]
    command = t.commands[int(state["command"])]
    record = t.facts[fact(t, REJECTED)]
    record["order"] = state["figure"]
    record["other"] = state["other"]
    record["price"] = state["third"]
    record["reason"] = reason
    record["client"] = command["client"]
    record["other_client"] = command["target"]


@part
def traded(t: Tables, pair: tuple[int, int, int]) -> None:
    """Write that the incoming order and the resting one, which show their figures after it, trade a quantity."""
    slot, resting, qty = pair
    other = t.orders[resting]
    record = t.facts[about(t, slot)]
    record["kind"] = TRADED
    record["other"] = other["id"]
    record["price"] = other["price"]
    record["qty"] = qty
    record["other_leaves"] = other["leaves"]
    record["other_cum"] = other["cum"]
    record["other_client"] = other["client"]


@part
def _level(t: Tables, pair: tuple[int, int]) -> None:
    at, side = pair
    level = t.levels[at]
    record = t.facts[fact(t, LEVEL)]
    record["price"] = level["price"]
    record["side"] = side
    # A level that the other side has lost may be the incoming order's own by now.
    if side == t.orders[int(level["tail"])]["side"]:
        record["order"] = level["qty"]
        record["qty"] = level["count"]


@part
def tell_levels(t: Tables, side: int) -> None:
    """Write the levels that the command of `side` changed: bids, best first, then asks, best first."""
    state = t.state[0]
    if side != BUY:
        for number in range(wide(state["touched"])):
            _level(t, (wide(t.touched[number]), BUY))
    first, second = wide(state["own"]), wide(state["own_too"])
    if second != 0 and (second > first) == (side == BUY):
        first, second = second, first
    if first != 0:
        _level(t, (first, side))
    if second != 0 and second != first:  # noqa: PLR1714 (Numba takes no tuple of mixed numbers here)
        _level(t, (second, side))
    if side == BUY:
        for number in range(wide(state["touched"])):
            _level(t, (wide(t.touched[number]), 1 - BUY))


@part
def move_money(t: Tables, change: tuple[int, int, int, int]) -> None:
    """Give an account shares of a symbol and cash, both negative when taken: (account, symbol, shares, cash)."""
    account, symbol, shares, cash = change
    balance = t.accounts[account]
    position = t.positions[account * wide(t.state[0]["symbols"]) + symbol]
    position["shares"] += shares
    balance["cash"] += cash
    if not -LARGEST < wide(balance["cash"]) < LARGEST:
        t.state[0]["is_full"] = 1


@part
def hold(t: Tables, pair: tuple[int, int]) -> None:
    """Hold what `qty` more of an order needs, or less when it is negative: cash to buy, shares to sell."""
    slot, qty = pair
    order = t.orders[slot]
    account = wide(order["account"])
    if order["side"] == BUY:
        balance = t.accounts[account]
        balance["held"] += qty * wide(order["price"])
        if wide(balance["held"]) > LARGEST:
            t.state[0]["is_full"] = 1
    else:
        t.positions[account * wide(t.state[0]["symbols"]) + wide(order["symbol"])]["held"] += qty


@part
def end(t: Tables, slot: int) -> None:
    """Give up the slot of an order that stands in no line any more, and forget that its client id is open."""
    order = t.orders[slot]
    state = t.state[0]
    t.clients[int(order["client"])]["slot"] = 0
    t.symbols[int(order["symbol"])]["orders"] -= 1
    order["next"] = state["free"]
    state["free"] = slot


@part
def take_out(t: Tables, slot: int) -> None:
    """Take an order that rests out of the book, with all that it holds."""
    unlink(t, slot)
    hold(t, (slot, -wide(t.orders[slot]["leaves"])))
    end(t, slot)
