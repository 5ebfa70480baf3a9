"""Many orders at once: the owner's mass cancel, the operator's, a lost session, and the kill switch."""

from collections.abc import Iterable

from stockex.core.desk import Desk
from stockex.core.matching.continuous import cancel
from stockex.core.matching.order import Order
from stockex.core.matching.scribe import Scribe
from stockex.core.matching.validation import Refusal
from stockex.messages.control import Killed, Released
from stockex.messages.executions import MassCancelled
from stockex.messages.orders import CancelOrders, Disconnected, KillSwitch, MassCancel
from stockex.vocabulary.enums import CancelReason
from stockex.vocabulary.reasons import RejectReason

EVERYBODY = "all accounts"
"""What a refusal calls the accounts of a command that names none."""


def cancel_many(command: MassCancel | CancelOrders, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Take out all orders that the command chooses, for their owner or for the operator (CAN-03, CTL-05)."""
    refusal = desk.unknown(command.account, command.symbol)
    if refusal is not None:
        return refusal
    chosen = [
        order
        for order in desk.orders_of(command.account)
        if command.symbol in {None, order.symbol} and command.side in {None, order.side}
    ]
    reason = CancelReason.MASS_CANCEL if isinstance(command, MassCancel) else CancelReason.BY_OPERATOR
    _cancel(chosen, reason, desk=desk, scribe=scribe)
    scribe.write(MassCancelled, account=command.account, symbol=command.symbol, side=command.side, count=len(chosen))
    desk.settle_all(scribe)
    return None


def disconnect(command: Disconnected, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Take out the account's orders that go with its session at this gateway, or at any (CTL-06)."""
    refusal = desk.unknown(command.account, None)
    if refusal is not None:
        return refusal
    chosen = [
        order
        for order in desk.orders_of(command.account)
        if order.tied_to is not None and command.source in {"", order.tied_to}
    ]
    _cancel(chosen, CancelReason.DISCONNECTED, desk=desk, scribe=scribe)
    scribe.write(MassCancelled, account=command.account, symbol=None, side=None, count=len(chosen))
    desk.settle_all(scribe)
    return None


def turn_kill_switch(command: KillSwitch, desk: Desk, *, scribe: Scribe) -> Refusal | None:
    """Stop an account, or all of them, or let them enter orders again (CTL-01 to CTL-04)."""
    refusal = desk.unknown(command.account, None)
    if refusal is not None:
        return refusal
    if command.on == desk.kills.has(command.account):
        reason = RejectReason.ALREADY_KILLED if command.on else RejectReason.NOT_KILLED
        return reason, EVERYBODY if command.account is None else f"account {command.account}"
    desk.kills.turn(command.account, on=command.on)
    if command.on:
        chosen = list(desk.orders_of(command.account))
        _cancel(chosen, CancelReason.KILLED, desk=desk, scribe=scribe)
        scribe.write(Killed, account=command.account, count=len(chosen))
        desk.settle_all(scribe)
    else:
        scribe.write(Released, account=command.account)
    return None


def _cancel(chosen: Iterable[Order], reason: CancelReason, *, desk: Desk, scribe: Scribe) -> None:
    for order in desk.taken_out(chosen):
        cancel(order, reason, scribe=scribe)
