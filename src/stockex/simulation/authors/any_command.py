"""Any commands at all, and how a script of them is played."""

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec.structs import replace

from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.messages.orders import (
    AnyCommand,
    BustTrade,
    CancelOrder,
    CancelOrders,
    ChangePhase,
    ChangeSession,
    CorrectTrade,
    Deposit,
    Disconnected,
    KillSwitch,
    ListInstrument,
    MassCancel,
    NewOrder,
    PassTime,
    ReplaceOrder,
    SetLastPrice,
    SetReferencePrice,
    SetRules,
)
from stockex.simulation.authors.any_rules import TICK, possible_rules, rules
from stockex.vocabulary import market_rules as mr
from stockex.vocabulary.enums import OrdType, PhaseAction, SelfTrade, SessionAction, Side, TimeInForce
from stockex.vocabulary.units import MAX_CASH, MAX_PRICE, MAX_QTY, Cash, Nanos, Price, Shares

T = TypeVar("T")

SETUP: Final[tuple[AnyCommand, ...]] = (
    ListInstrument(symbol="ALPHA", tick=Price(TICK), reference=Price(10_000)),
    ListInstrument(symbol="BETA", tick=Price(TICK), lot=Shares(5), reference=Price(10_000)),
    *(Deposit(account=account, cash=Cash(1_500_000), symbol="ALPHA", qty=Shares(150)) for account in "ABC"),
    *(Deposit(account=account, symbol="BETA", qty=Shares(100)) for account in "ABC"),
    ChangeSession(action=SessionAction.START, account="OP"),
)
"""Two instruments, and three accounts that can pay for some orders but not for all."""

HOSTILE_QTY: Final = (0, -5, 3, MAX_QTY, MAX_QTY + 1, 2**53, -(2**53))
HOSTILE_PRICE: Final = (0, -TICK, 10_050, MAX_PRICE, MAX_PRICE + TICK, 2**52, -(2**52))


class Author:
    """Writes commands by the roll of dice. Most are orders near one price; some make no sense."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed)
        self._named = [("A", "o0", "ALPHA")]
        self._killed: list[str | None] = []
        self._next: list[NewOrder] = []
        self._written = 0

    def command(self) -> AnyCommand:
        """Return the next command."""
        self._written += 1
        return self._next.pop() if self._next else self._draw()

    def _draw(self) -> AnyCommand:
        """Draw a command; who is killed is released before long, so that trading goes on."""
        if self._killed and self._one_in(4):
            return self._release()
        kinds: dict[Callable[[], AnyCommand], int] = {
            self._limit_order: 55,
            self._market_order: 8,
            self._replacement: 30,
            self._cancel: 7,
            self._mass_cancel: 2,
            self._control: 5,
            self._undoing: 14,
            self._deposit: 3,
            self._listing: 2,
            self._session: 10,
            self._stop: 12,
            self._leg: 10,
            self._peg: 5,
            self._partly_shown: 44,
            self._market_to_limit: 4,
            self._phase: 8,
            self._set_price: 2,
            self._time: 3,
            self._set_rules: 4,
            self._spoilt: 6,
        }
        return self._dice.choose_weighted(kinds)()

    def _one_in(self, chances: int) -> bool:
        return self._dice.integer(1, chances) == 1

    def _maybe(self, draw: Callable[[], T]) -> T | None:
        return draw() if self._one_in(2) else None

    def _account(self) -> str:
        return "X" if self._one_in(40) else self._dice.choose("ABC")

    def _symbol(self) -> str:
        return "NOPE" if self._one_in(40) else self._dice.choose(("ALPHA", "ALPHA", "BETA", "MIX1", "MIX1", "MIX2"))

    def _far_price(self) -> Price:
        return Price(TICK * self._dice.choose((1, 99, 1_000, 2_000)))

    def _few(self) -> Shares:
        return Shares(self._dice.choose((1, 2, 5, 10)))

    def _side(self) -> Side:
        return self._dice.choose(tuple(Side))

    def _qty(self) -> Shares:
        if self._one_in(30):
            return Shares(self._dice.choose(HOSTILE_QTY))
        return Shares(self._dice.choose((5, 5, 1)) * self._dice.integer(1, 12))

    def _price(self) -> Price:
        return Price(self._dice.choose(HOSTILE_PRICE) if self._one_in(30) else TICK * self._dice.integer(97, 103))

    def _limit_order(self) -> NewOrder:
        return self._order(OrdType.LIMIT, self._price())

    def _market_order(self) -> NewOrder:
        return self._order(OrdType.MARKET, self._price() if self._one_in(20) else None)

    def _market_to_limit(self) -> NewOrder:
        return self._order(OrdType.MARKET_TO_LIMIT, None)

    def _peg(self) -> NewOrder:
        order = self._order(self._dice.choose((OrdType.PEG_PRIMARY, OrdType.PEG_MID)), self._maybe(self._price))
        tif = self._dice.choose((TimeInForce.DAY, TimeInForce.GTC))
        return replace(
            order, tif=tif, expire_at=None, min_qty=None, post_only=False, peg_offset=self._maybe(self._offset)
        )

    def _offset(self) -> Price:
        """Return a few half ticks to either side, seldom far more than any order may have."""
        return Price(2**52 if self._one_in(40) else TICK * self._dice.integer(-4, 4) // 2)

    def _stop(self) -> NewOrder:
        limit = self._maybe(self._price)
        order = self._order(OrdType.STOP if limit is None else OrdType.STOP_LIMIT, limit)
        if self._one_in(2):
            return replace(order, stop=self._price(), post_only=False)
        kind = OrdType.TRAILING_STOP if limit is None else OrdType.TRAILING_STOP_LIMIT
        trail = Price(TICK * self._dice.integer(0, 4) // 2)
        return replace(order, ord_type=kind, stop=self._maybe(self._price), trail=trail, post_only=False)

    def _leg(self) -> NewOrder:
        """Return an order that may stand; the next command ties another one to it, mostly of the fitting kind."""
        legs = [self._standing(self._limit_order()), self._standing(self._stop())]
        if self._one_in(2):
            legs.reverse()
        first, second = legs
        is_fit = not self._one_in(8)
        account = first.account if is_fit else self._account()
        self._next.append(
            replace(second, account=account, symbol=first.symbol, side=first.side, qty=first.qty, oco=first.cl_ord_id)
        )
        self._named[-2:] = [(order.account, order.cl_ord_id, order.symbol) for order in (first, self._next[-1])]
        if self._one_in(8):
            third = self._standing(self._limit_order() if second.ord_type is OrdType.LIMIT else self._stop())
            self._next.insert(0, replace(self._next[-1], cl_ord_id=third.cl_ord_id, limit=third.limit))
        return first

    def _standing(self, order: NewOrder) -> NewOrder:
        tif = self._dice.choose((TimeInForce.DAY, TimeInForce.GTC))
        return replace(order, tif=tif, expire_at=None, min_qty=None, post_only=False)

    def _partly_shown(self) -> NewOrder:
        """Return an iceberg, a hidden order or one with a minimum; now and then with what does not go together."""
        order = self._limit_order()
        part = Shares(max(order.qty // self._dice.integer(1, 4), 1))
        kind = self._dice.integer(1, 20)
        if kind <= 9:
            return replace(order, display=part, min_visible=Shares(1) if self._one_in(3) else None)
        if kind <= 17:
            return replace(order, hidden=self._one_in(3), min_exec=part, cancel_below_min=not self._one_in(4))
        return replace(order, hidden=True, display=part if self._one_in(2) else None)

    def _spoilt(self) -> NewOrder:
        """Return an order with one term that it may not have, or without one that it needs."""
        order = self._limit_order()
        terms: tuple[dict[str, object], ...] = (
            {"limit": None},
            {"trail": Price(TICK)},
            {"peg_offset": Price(0)},
            {"stop": self._price()},
            {"ord_type": OrdType.STOP_LIMIT},
            {"ord_type": OrdType.TRAILING_STOP, "limit": None},
            {"ord_type": OrdType.MARKET},
            {"display": Shares(min(order.qty, MAX_QTY) + 5)},
            {"min_visible": Shares(5)},
            {"min_exec": Shares(min(order.qty, MAX_QTY) + 1)},
        )
        return replace(order, post_only=False, **self._dice.choose(terms))

    def _phase(self) -> ChangePhase:
        actions = {"call": 16, "uncross": 20, "continuous": 10, "pre_open": 1, "opening_call": 3, "closing_call": 4}
        actions |= {"trading_at_last": 3, "halt": 4, "resume": 8}
        to = PhaseAction(self._dice.choose_weighted(actions))
        is_timed = self._one_in(3)
        return ChangePhase(
            to=to,
            symbol=self._maybe(self._symbol),
            duration_s=self._dice.choose((0, 1, 1, 2)) if is_timed and to.value.endswith("call") else None,
            random_s=self._dice.choose((0, 1)) if is_timed else None,
            seed=self._dice.integer(0, 9) if is_timed else None,
        )

    def _set_price(self) -> SetLastPrice | SetReferencePrice:
        if self._one_in(2):
            return SetLastPrice(symbol=self._symbol(), price=self._price())
        return SetReferencePrice(symbol=self._symbol(), price=self._maybe(self._price))

    def _order(self, ord_type: OrdType, limit: Price | None) -> NewOrder:
        account, symbol = self._account(), self._symbol()
        cl_ord_id = self._dice.choose(self._named)[1] if self._one_in(30) else f"o{len(self._named)}"
        self._named.append((account, cl_ord_id, symbol))
        tifs = {TimeInForce.DAY: 8, TimeInForce.GTC: 8, TimeInForce.IOC: 2, TimeInForce.FOK: 2, TimeInForce.GFA: 3}
        tifs |= {TimeInForce.GTD: 2, TimeInForce.GTT: 2, TimeInForce.AT_OPEN: 2, TimeInForce.AT_CLOSE: 2}
        tif = self._dice.choose_weighted(tifs)
        return NewOrder(
            account=account,
            cl_ord_id=cl_ord_id,
            symbol=symbol,
            side=self._side(),
            qty=self._qty(),
            limit=limit,
            ord_type=ord_type,
            tif=tif,
            expire_at=self._expiry() if tif.is_timed != self._one_in(40) else None,
            post_only=self._one_in(12),
            self_trade=self._maybe(lambda: self._dice.choose(tuple(SelfTrade))),
            cancel_on_disconnect=self._one_in(6),
            source=self._dice.choose(("FIX", "WEB")),
            min_qty=self._qty() if self._one_in(12) else None,
        )

    def _expiry(self) -> Nanos:
        """Return an instant within the time that a script takes, seldom one that has passed."""
        return at_of(self._written + self._dice.integer(10, 90))

    def _time(self) -> PassTime:
        return PassTime()

    def _known(self) -> tuple[str, str, str]:
        """Return account, id and symbol of a late order, or the id that `meant` knows; sometimes they do not fit."""
        account, cl_ord_id, symbol = self._dice.choose(self._named[-25:])
        if self._one_in(2):
            cl_ord_id = f"~{self._dice.integer(0, 4)}"
        return (self._account() if self._one_in(20) else account), cl_ord_id, symbol

    def _replacement(self) -> ReplaceOrder:
        account, orig_cl_ord_id, symbol = self._known()
        new_id = f"o{len(self._named)}" if self._one_in(3) else None
        if new_id is not None:
            self._named.append((account, new_id, symbol))
        return ReplaceOrder(
            account=account,
            orig_cl_ord_id=orig_cl_ord_id,
            symbol=symbol,
            cl_ord_id=new_id,
            qty=self._maybe(self._new_qty),
            limit=self._maybe(self._price),
            stop=self._price() if self._one_in(8) else None,
            min_exec=self._qty() if self._one_in(8) else None,
            expire_at=self._expiry() if self._one_in(12) else None,
            peg_offset=self._offset() if self._one_in(20) else None,
            trail=Price(TICK * self._dice.integer(0, 4) // 2) if self._one_in(20) else None,
            min_qty=self._few() if self._one_in(30) else None,
        )

    def _new_qty(self) -> Shares:
        return Shares(self._dice.choose((0, 0, 1))) if self._one_in(2) else self._qty()

    def _cancel(self) -> CancelOrder:
        account, orig_cl_ord_id, symbol = self._known()
        request_id = "c" if self._one_in(4) else None
        return CancelOrder(account=account, orig_cl_ord_id=orig_cl_ord_id, symbol=symbol, cl_ord_id=request_id)

    def _mass_cancel(self) -> MassCancel:
        account, symbol, side = self._account(), self._maybe(self._symbol), self._maybe(self._side)
        return MassCancel(account=account, symbol=symbol, side=side, cl_ord_id="M1" if side is None else None)

    def _control(self) -> CancelOrders | Disconnected | KillSwitch:
        """Return what an operator or a gateway does about others."""
        kind = self._dice.integer(1, 6)
        if kind <= 2:
            return CancelOrders(account=self._maybe(self._account), symbol=self._maybe(self._symbol), side=self._side())
        if kind <= 4:
            return Disconnected(account=self._account(), source=self._dice.choose(("", "FIX")))
        account = None if self._one_in(4) else self._account()
        is_on = not self._one_in(8)
        if is_on:
            self._killed.append(account)
        elif self._killed and self._one_in(2):
            return KillSwitch(account=self._killed[-1], on=True)
        return KillSwitch(account=account, on=is_on)

    def _undoing(self) -> BustTrade | CorrectTrade:
        """Return a bust or a correction of a late trade, which `meant` names when it is known."""
        trade_id = f"~{self._dice.integer(0, 4)}" if not self._one_in(20) else "0-0"
        if self._one_in(3):
            return BustTrade(trade_id=trade_id)
        return CorrectTrade(trade_id=trade_id, price=self._maybe(self._far_price), qty=self._maybe(self._few))

    def _release(self) -> KillSwitch:
        return KillSwitch(account=self._killed.pop(), on=False)

    def _session(self) -> ChangeSession:
        actions = {"start": 9, "resume": 9, "suspend": 3, "end": 2}
        return ChangeSession(action=SessionAction(self._dice.choose_weighted(actions)), account="OP")

    def _deposit(self) -> Deposit:
        return Deposit(
            account=self._dice.choose("ABC"),
            cash=Cash(self._dice.choose((-1, 0, 70_000, MAX_CASH + 1))),
            symbol=self._maybe(self._symbol),
            qty=Shares(self._dice.choose((-1, 0, 20, MAX_CASH + 1))),
        )

    def _listing(self) -> ListInstrument:
        return ListInstrument(
            symbol=self._dice.choose(("ALPHA", "GAMMA", "DELTA")),
            tick=Price(self._dice.choose((TICK, TICK, 0, -TICK))),
            lot=Shares(self._dice.choose((1, 1, 0, -1))),
            reference=self._price(),
            rules=rules(self._dice) if self._one_in(2) else mr.MarketRules(),
        )

    def _set_rules(self) -> SetRules:
        """Return other settings, never for the two instruments that keep their defaults."""
        return SetRules(symbol=self._dice.choose(("MIX1", "MIX2", "GAMMA", "NOPE")), rules=rules(self._dice))


def script(seed: int, length: int) -> list[AnyCommand]:
    """Return the first `length` commands of the author with this seed, after two more listings that it can trade."""
    author, dice = Author(seed), Dice(seed)
    listings: list[AnyCommand] = [
        ListInstrument(symbol=symbol, tick=Price(TICK), reference=Price(10_000), rules=possible_rules(dice))
        for symbol in ("MIX1", "MIX2")
    ]
    shares: list[AnyCommand] = [
        Deposit(account=account, symbol=listing.symbol, qty=Shares(150))
        for account in "ABC"
        for listing in listings
        if isinstance(listing, ListInstrument)
    ]
    return [*listings, *shares, *(author.command() for _ in range(length))]


def at_of(offset: int) -> Nanos:
    """Return the log's time of the command at `offset`."""
    return Nanos(offset * 50_000_000)


def meant(command: AnyCommand, exchange: Exchange) -> AnyCommand:
    """Return the command with the trade or the open order that `~n` means: the n-th newest; orders go round."""
    match command:
        case BustTrade() | CorrectTrade() if command.trade_id.startswith("~"):
            newest = exchange.desk.trades.as_list()[::-1]
            place = int(command.trade_id[1:])
            return replace(command, trade_id=newest[place].trade_id) if place < len(newest) else command
        case CancelOrder() | ReplaceOrder() if command.orig_cl_ord_id.startswith("~"):
            orders = sorted(exchange.desk.orders_of(command.account), key=lambda order: -order.order_id)
            place = int(command.orig_cl_ord_id[1:])
            if orders:
                found = orders[place % len(orders)]
                return replace(command, orig_cl_ord_id=found.cl_ord_id, symbol=found.symbol)
    return command
