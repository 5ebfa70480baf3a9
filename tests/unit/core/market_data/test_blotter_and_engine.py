"""The blotter shows what the engine holds, whatever is sent."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hypothesis import given
from properties.exchange_commands import commands, live, thorough

from stockex.core.exchange import Exchange
from stockex.core.market_data.blotter import Blotter
from stockex.messages.orders import AnyCommand
from stockex.messages.views import OrderView

ACCOUNTS = "ABC"


class Seen(NamedTuple):
    """The engine after one command, and the blotter that has heard of it."""

    exchange: Exchange
    blotter: Blotter


def watched(wanted: Sequence[AnyCommand]) -> Iterator[Seen]:
    """Obey the commands one by one; tell a blotter the facts of each."""
    blotter = Blotter()
    for step in live(wanted):
        for fact in step.facts:
            blotter.apply(fact)
        yield Seen(step.exchange, blotter)


def views(blotter: Blotter) -> dict[int, OrderView]:
    """Return all open orders by their ids."""
    return {view.order_id: view for account in ACCOUNTS for view in blotter.open_orders(account)}


@thorough
@given(wanted=commands)
def test_it_reserves_what_the_engine_holds(wanted: list[AnyCommand]) -> None:
    """Cash and shares of every account, after every command, to the last unit."""
    for exchange, blotter in watched(wanted):
        for account in ACCOUNTS:
            balance = exchange.desk.accounts.balance(account)
            held = {symbol: qty for symbol, qty in balance.held_shares.items() if qty}
            assert (blotter.reserved_cash(account), blotter.reserved_shares(account)) == (balance.held_cash, held)


@thorough
@given(wanted=commands)
def test_it_shows_every_open_order_as_the_engine_has_it(wanted: list[AnyCommand]) -> None:
    """The same orders are open, at the same prices, with the same quantities and terms."""
    for exchange, blotter in watched(wanted):
        orders = {
            order.order_id: (order.cl_ord_id, order.ord_type, order.limit, order.leaves, order.cum, order.min_exec)
            for order in exchange.desk.open_orders()
        }
        shown = {
            order_id: (view.cl_ord_id, view.ord_type, view.limit, view.leaves, view.cum, view.min_exec)
            for order_id, view in views(blotter).items()
        }
        assert shown == orders


@thorough
@given(wanted=commands)
def test_it_knows_which_orders_wait(wanted: list[AnyCommand]) -> None:
    """Those are the unreached stops with their stop prices, pegs outside the book, and what is for the close."""
    for exchange, blotter in watched(wanted):
        desk = exchange.desk
        stops = {order.order_id: order.stop for symbol in desk.listings for order in desk.stops(symbol)}
        pegs = {order.order_id: None for symbol in desk.listings for order in desk.waiting(symbol)}
        closers = {order_id: None for listing in desk.listings.values() for order_id in listing.closers}
        shown = {order_id: view.stop for order_id, view in views(blotter).items() if view.is_waiting}
        assert shown == stops | pegs | closers
