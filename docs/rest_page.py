"""The page of the REST interface: its routes, and what goes with each order type, as the engine's checks say."""  # noqa: INP001 (part of a script)

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from msgspec.structs import replace

from stockex.core.matching.validation import new_order_refusal
from stockex.messages.codec import decode_command
from stockex.messages.orders import NewOrder
from stockex.vocabulary.enums import OrdType, Phase, Side, TimeInForce
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.units import Nanos, Price, Shares
from stockex.web.app import ROUTERS
from stockex.web.routes.openapi import described

Json = Mapping[str, Any]
"""The OpenAPI document, or a part of it. `Any`, because JSON is."""

TITLES: Final[Mapping[str, str]] = {
    "market": "The market, for everybody",
    "orders": "Orders, for the one who is logged in",
    "control": "Control, for the operator",
    "account": "The account",
    "clearing": "The clearing house, for everybody",
    "health": "Health",
}
FIELDS: Final[Mapping[str, object]] = {
    "limit": Price(100),
    "stop": Price(100),
    "trail": Price(100),
    "peg_offset": Price(-100),
    "post_only": True,
    "display": Shares(1),
    "hidden": True,
    "min_exec": Shares(1),
    "min_qty": Shares(1),
}
"""The fields that depend on the order type, by their names in `NewOrder`, each with a value that is valid in itself."""

PHASES: Final = (Phase.PRE_OPEN, Phase.OPENING_CALL, Phase.CALL, Phase.CONTINUOUS)
LISTED: Final = Instrument("ANY", "", tick=Price(100), lot=Shares(1), reference=Price(100))
PLAIN: Final = NewOrder(account="A", cl_ord_id="1", symbol="ANY", side=Side.BUY, qty=Shares(1))

INTRODUCTION: Final = """\
Every route answers JSON. Prices and amounts are in euro, instants in seconds since 1970 UTC. A client shows who it is
by HTTP Basic, or by the cookie that `POST /api/v1/login` sets. What a route answers is described at `/openapi.json` and
by the [views](messages.md#views). Below, a field in bold must be there; `?` stands before one of the query.

An order is answered when what it caused is durable: with its state and its fills. A refusal changes nothing and says
why: `{"error": {"message", "field", "rule", "reason", "offset"}}`, with the field at fault, the number of the
[rule](../rules), the [reason](reasons.md), and the command's offset: `GET /api/v1/explain/{offset}` tells more.
Status 400: no JSON object. 401: nobody is logged in. 403: not yours to do. 404: not there. 409: not now, as the market
stands. 422: a field is wrong. 503: the exchange takes nothing now."""
TYPES: Final = """\
What goes with each type, on its own; what goes together is rule [VAL-12](../rules/orders.md#val-12-what-goes-together).
`time_in_force` goes with each type as the second table says, sometimes only in the phases that it names. GTD and GTT
need `expire_at`. `min_visible` goes with `display_quantity`, `cancel_below_min` with `min_exec`; `self_trade` and
`cancel_on_disconnect` go with all."""
EXAMPLES: Final[Mapping[str, dict[str, object]]] = {
    "A stop that trails the last price by 50 cents, until an instant": {
        "ord_type": "TRAILING_STOP", "trail": 0.5, "time_in_force": "GTD", "expire_at": 1_800_000_000,
    },
    "An iceberg that ends with the session it came by": {
        "price": 24.95, "display_quantity": 10, "cancel_on_disconnect": True,
    },
    "A hidden order that trades at least 20 shares at a time": {"price": 24.95, "hidden": True, "min_exec": 20},
    "A peg to the mid, bounded": {"ord_type": "PEG_MID", "price": 24.95},
    "A peg 5 cents above the best offer": {"ord_type": "PEG_PRIMARY", "peg_offset": 0.05},
    "At the close": {"ord_type": "MARKET", "time_in_force": "AT_CLOSE"},
    "The first leg of a pair": {"price": 26, "cl_ord_id": "profit"},
    "The second: once one trades, the other is cancelled": {"ord_type": "STOP", "stop_price": 24, "oco": "profit"},
}  # fmt: skip


def is_taken(order: NewOrder, phases: Iterable[Phase] = PHASES) -> bool:
    """Say whether an order has a valid form in one of the phases."""
    if order.tif.is_timed:
        order = replace(order, expire_at=Nanos(2))
    return any(new_order_refusal(order, LISTED, phase=phase, now=Nanos(1)) is None for phase in phases)


def simplest(ord_type: OrdType) -> NewOrder:
    """Return an order of this type with only what it needs."""
    order = replace(PLAIN, ord_type=ord_type)
    for name in ("limit", "stop", "trail"):
        wrong = new_order_refusal(order, LISTED)
        if wrong is not None and wrong[0].name.startswith({"limit": "PRICE"}.get(name, name.upper())):
            order = replace(order, **{name: FIELDS[name]})
    return order


def word(ord_type: OrdType, name: str) -> str:
    """Return whether an order of this type needs a field, may have it, or may not."""
    base = simplest(ord_type)
    if getattr(base, name):
        return "needed"
    return "may" if is_taken(replace(base, **{name: FIELDS[name]})) else ""


def lives(ord_type: OrdType, tif: TimeInForce) -> str:
    """Return in which of the phases an order of this type may have this time in force."""
    order = replace(simplest(ord_type), tif=tif)
    taken = [phase for phase in PHASES if is_taken(order, [phase])]
    if len(taken) == len(PHASES):
        return "may"
    return ", ".join(f"`{phase.value}`" for phase in taken)


def types() -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Yield the two tables of what goes with each type, each as its head and its rows."""
    wire = dict(zip(NewOrder.__struct_fields__, NewOrder.__struct_encode_fields__, strict=True))
    head = ("Type", *(f"`{wire[name]}`" for name in FIELDS))
    yield head, [(f"`{kind.value}`", *(word(kind, name) for name in FIELDS)) for kind in OrdType]
    head = ("Type", *(f"`{tif.value}`" for tif in TimeInForce))
    yield head, [(f"`{kind.value}`", *(lives(kind, tif) for tif in TimeInForce)) for kind in OrdType]


def routes() -> dict[str, list[tuple[str, str, str]]]:
    """Return what each group of routes offers: method and path, what they do, which fields they take."""
    api = FastAPI()
    for router in ROUTERS:
        api.include_router(router)
    found: dict[str, list[tuple[str, str, str]]] = {title: [] for title in TITLES.values()}
    for path, operations in described(api)["paths"].items():
        for method, operation in operations.items():
            about = " ".join(operation["description"].split())
            row = (f"`{method.upper()} {path}`", about, ", ".join(_fields(operation)))
            found[TITLES[operation["tags"][0]]].append(row)
    return found


def examples() -> Iterator[str]:
    """Yield the lines of forms of orders. Raises: WireError, SystemExit: one that would be refused."""
    for about, terms in EXAMPLES.items():
        form = {"symbol": "ALPHA", "side": "SELL", "quantity": 100, **terms}
        command = decode_command(msgspec.json.encode({"type": "new", "account": "A", "cl_ord_id": "1", **form}))
        if not isinstance(command, NewOrder) or not is_taken(command):
            raise SystemExit(f"docs/rest_page.py: the engine refuses {about!r}")
        yield from ("", f"{about}:", "", "```json", msgspec.json.encode(form).decode(), "```")


def _fields(operation: Json) -> Iterator[str]:
    """Yield the fields of the query and of the body; those that must be there are in bold."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield f"`?{parameter['name']}`"
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("application/json", {}).get("schema", {})
    if form.get("type") == "array":
        yield "an array; each item has a `type`, `new`, `replace` or `cancel`, and the fields of that"
        yield "[command](messages.md#topic-orders)"
    for name in form.get("properties", {}):
        yield f"**`{name}`**" if name in form.get("required", ()) else f"`{name}`"


def passed_over() -> Iterator[str]:
    """Yield what becomes of such records, up to the table of reasons."""
    yield from ("", "## What is passed over", "")
    yield "A record that is none of its topic's messages, or cannot be what it says, stays where it is. The engine"
    yield "writes a `quarantined` for one of `orders`; a reader of another topic passes over it. Both go on, and count"
    yield "by topic and reason since the log began: `GET /api/v1/quarantine`, `stockex_records_passed_over_total` in"
    yield "`/matcher/metrics`, and a line in the logs for the first, the tenth, the hundredth and so on."
    yield ""
