"""Order entry. An order belongs to the account that is authenticated; only its owner sees, changes or cancels it."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from stockex.core.market_data.blotter import Blotter, fills_of
from stockex.messages.executions import MassCancelled, Replaced, Traded
from stockex.messages.orders import CancelOrder, MassCancel, NewOrder, ReplaceOrder
from stockex.messages.views import FillView, OrderView
from stockex.vocabulary.enums import Side
from stockex.vocabulary.reasons import RejectReason
from stockex.web.forms import SHELL_FIELDS, Fields, command_of, fields_of, items_of, text_of
from stockex.web.front import AtFront, Front, Somebody, Trader
from stockex.web.gateway import SOURCE, Outcome
from stockex.web.replies import CancelReply, CountReply, Fault, ItemReply, OrderReply, Problem, refusal, reply
from stockex.web.routes.market import Limit
from stockex.web.routes.openapi import SCHEMAS, answers

router = APIRouter(prefix="/api/v1", tags=["orders"])

_PLACE: Final = SCHEMAS.form(NewOrder, without=SHELL_FIELDS, optional=["cl_ord_id"])
_AMEND: Final = SCHEMAS.form(ReplaceOrder, without=(*SHELL_FIELDS, "orig_cl_ord_id", "symbol"))

_CHANGES: Final = frozenset(
    {"quantity", "price", "stop_price", "min_exec", "expire_at", "peg_offset", "trail", "min_qty"}
)
"""What an amendment may change; it changes at least one of them."""

_Item = NewOrder | ReplaceOrder | CancelOrder
_ITEMS: Final[Mapping[str, type[_Item]]] = {"new": NewOrder, "replace": ReplaceOrder, "cancel": CancelOrder}
_BATCH: Final = SCHEMAS.forms(
    NewOrder, ReplaceOrder, CancelOrder, without=("account", "source", "timestamp"), optional=["cl_ord_id", "type"]
)
_MOST_ITEMS: Final = 500

OpenOnly = Annotated[bool, Query(description="Only orders that are still open.")]
OfSide = Annotated[Side | None, Query(description="Of one side only.")]
OfSymbol = Annotated[str | None, Query(description="Of one instrument only.")]


class Owner(NamedTuple):
    """Somebody who trades: acts on the own account's orders and on no others."""

    front: Front
    account: str

    def order(self, cl_ord_id: str) -> OrderView:
        """Return the own order that has or had this client id. Raises: Problem 404, also for somebody else's."""
        view = self.front.parts.blotter.order(self.account, cl_ord_id)
        if view is None:
            raise refusal(RejectReason.UNKNOWN_ORDER)
        return view

    def named(self, cl_ord_id: str) -> dict[str, object]:
        """Return how the engine knows the own order that has or had this client id. Raises: Problem 404."""
        view = self.order(cl_ord_id)
        return {"orig_cl_ord_id": view.cl_ord_id, "symbol": view.symbol}

    async def place(self, fields: Fields) -> OrderReply:
        """Place the order of a form; without a client id it gets one. Raises: Problem."""
        command = self._new(fields)
        return self._placed(command, await self.front.gateway.submit(command))

    async def all_of(self, items: Sequence[Fields]) -> list[ItemReply]:
        """Place, replace and cancel orders in one piece; an item that is refused leaves the others be.

        Raises: LogError: nothing was done.
        """
        commands = [self._item(fields) for fields in items]
        submitted = [command for command in commands if not isinstance(command, Problem)]
        outcomes = iter(await self.front.gateway.submit_all(submitted))
        return [
            self._told(command, command if isinstance(command, Problem) else next(outcomes)) for command in commands
        ]

    def _item(self, fields: Fields) -> _Item | Problem:
        """Return the command of one item, or why there is none."""
        own = {name: value for name, value in fields.items() if name != "type"}
        try:
            kind = _kind_of(fields)
            return self._new(own) if kind is NewOrder else command_of(kind, own, filled=self._filled({}))
        except Problem as problem:
            return problem

    def _told(self, command: _Item | Problem, outcome: Outcome | Problem) -> ItemReply:
        if isinstance(command, Problem):
            return ItemReply(status=command.status, error=command.fault)
        if isinstance(outcome, Problem):
            return ItemReply(status=outcome.status, error=outcome.fault)
        if isinstance(command, NewOrder):
            placed = self._placed(command, outcome)
            return ItemReply(status=201, order=placed.order, fills=placed.fills)
        view = self.front.parts.blotter.order(self.account, command.orig_cl_ord_id)
        return ItemReply(status=200, order=view, fills=self._fills(outcome))

    def _new(self, fields: Fields) -> NewOrder:
        generated = {} if "cl_ord_id" in fields else {"cl_ord_id": f"{SOURCE}-{secrets.token_hex(8)}"}
        return command_of(NewOrder, fields, filled=self._filled(generated))

    def _placed(self, command: NewOrder, outcome: Outcome) -> OrderReply:
        view = self.front.parts.blotter.order(self.account, command.cl_ord_id)
        if view is None or view.cause != outcome.offset:  # something else has happened to it by now
            after = Blotter()
            for fact in outcome.facts:
                after.apply(fact)
            view = after.order(self.account, command.cl_ord_id)
        assert view is not None, "an order that was not refused was accepted"
        return OrderReply(view, self._fills(outcome))

    async def amend(self, fields: Fields, *, named: Mapping[str, object]) -> OrderReply:
        """Replace the order `named` by the form of its changes. Raises: Problem."""
        if not _CHANGES & fields.keys():
            message = (
                "Give a quantity, a price, a stop price, a distance, an offset, a minimum or an instant of expiry."
            )
            raise Problem(422, Fault(message=message, field="quantity"))
        command = command_of(ReplaceOrder, fields, filled=self._filled(named))
        outcome = await self.front.gateway.submit(command)
        replaced = [fact.cl_ord_id for fact in outcome.facts if isinstance(fact, Replaced)]
        return OrderReply(self.order(replaced[0] if replaced else command.orig_cl_ord_id), self._fills(outcome))

    async def cancel(self, fields: Fields, *, named: Mapping[str, object]) -> CancelReply:
        """Cancel the order `named`. Raises: Problem."""
        command = command_of(CancelOrder, fields, filled=self._filled(named))
        await self.front.gateway.submit(command)
        return CancelReply(self.order(command.orig_cl_ord_id))

    async def cancel_all(self, symbol: str | None, side: Side | None) -> CountReply:
        """Cancel all open orders, of one symbol or side or of all. Raises: Problem."""
        command = command_of(MassCancel, {}, filled=self._filled({"symbol": symbol, "side": side}))
        outcome = await self.front.gateway.submit(command)
        return CountReply(sum(fact.count for fact in outcome.facts if isinstance(fact, MassCancelled)))

    def _filled(self, more: Mapping[str, object]) -> dict[str, object]:
        """Return the fields that the shell fills in."""
        return {"account": self.account, "source": SOURCE, "timestamp": self.front.parts.clock(), **more}

    def _fills(self, outcome: Outcome) -> list[FillView]:
        """Return the own fills of one command, in order."""
        fills = [fill for fact in outcome.facts if isinstance(fact, Traded) for fill in fills_of(fact)]
        return [fill for fill in fills if fill.account == self.account]


def _kind_of(fields: Fields) -> type[_Item]:
    """Return what an item of a batch asks for; "new" need not be said. Raises: Problem 422."""
    kind = _ITEMS.get(text_of(fields, "type") if "type" in fields else "new")
    if kind is None:
        raise Problem(422, Fault(message=f"The `type` is one of {', '.join(_ITEMS)}.", field="type"))
    return kind


async def owner_of(front: AtFront, visitor: Trader) -> Owner:
    """Return who trades. Raises: Problem 401, nobody; 403, the operator."""
    return Owner(front, visitor.user)


Own = Annotated[Owner, Depends(owner_of)]
"""A route's parameter: who trades, and all that this account may do."""


@router.post("/orders", status_code=201, responses=answers(OrderReply, status=201), openapi_extra=_PLACE)
async def place_order(request: Request, own: Own) -> Response:
    """Place an order; the answer is its state after it met the book."""
    return reply(await own.place(await fields_of(request)), status=201)


@router.post("/orders/batch", responses=answers(list[ItemReply]), openapi_extra=_BATCH)
async def batch_orders(request: Request, own: Own) -> Response:
    """Place, replace and cancel up to 500 orders in one piece: nobody comes in between, each is answered on its own."""
    items = await items_of(request)
    if len(items) > _MOST_ITEMS:
        raise Problem(422, Fault(message=f"{len(items)} items, at most {_MOST_ITEMS}; nothing was done."))
    return reply(await own.all_of(items))


@router.get("/orders", responses=answers(list[OrderView]))
async def own_orders(
    front: AtFront,
    visitor: Somebody,
    only_open: Annotated[OpenOnly, Query(alias="open")] = False,  # noqa: FBT002 (a query parameter has its default)
    limit: Limit = 100,
) -> Response:
    """Return your orders, the newest first."""
    blotter = front.parts.blotter
    if only_open:
        return reply(blotter.open_orders(visitor.user)[:limit])
    return reply(blotter.orders(visitor.user, limit))


@router.get("/orders/{cl_ord_id:path}", responses=answers(OrderView))
async def own_order(cl_ord_id: str, front: AtFront, visitor: Somebody) -> Response:
    """Return one of your orders, by any client id it has had."""
    return reply(Owner(front, visitor.user).order(cl_ord_id))


@router.patch("/orders/{cl_ord_id:path}", responses=answers(OrderReply), openapi_extra=_AMEND)
async def amend_order(cl_ord_id: str, request: Request, own: Own) -> Response:
    """Change quantity, price, stop price, distance, offset, minimum or expiry.

    A smaller quantity keeps its place, a new minimum of each trade and a new expiry do; all else goes to the end of the
    queue.
    """
    fields = await fields_of(request)
    return reply(await own.amend(fields, named=own.named(cl_ord_id)))


@router.delete("/orders/{cl_ord_id:path}", responses=answers(CancelReply))
async def cancel_order(cl_ord_id: str, own: Own) -> Response:
    """Cancel one of your orders; the answer comes when it has left the book."""
    return reply(await own.cancel({}, named=own.named(cl_ord_id)))


@router.delete("/orders", responses=answers(CountReply))
async def cancel_orders(request: Request, own: Own, symbol: OfSymbol = None, side: OfSide = None) -> Response:
    """Cancel all your open orders, of one instrument or side or of all."""
    for name in request.query_params:
        if name not in {"symbol", "side"}:
            raise Problem(422, Fault(message=f"There is no parameter `{name}`; nothing was cancelled.", field=name))
    if symbol is not None:
        own.front.listed(symbol)
    return reply(await own.cancel_all(symbol, side))


@router.get("/fills", responses=answers(list[FillView]))
async def own_fills(front: AtFront, visitor: Somebody, limit: Limit = 100) -> Response:
    """Return your fills, the newest first."""
    return reply(front.parts.blotter.fills(visitor.user, limit))
