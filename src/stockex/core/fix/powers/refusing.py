"""Orders and requests that a rule refuses, in the place of the engine."""

from stockex.core.fix.message import Message
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.reports import CANCEL_REQUEST, NOBODY, REPLACE_REQUEST, Report, cancel_reject
from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.rules import Reject
from stockex.core.fix.times import stamp

_TAKEN = {"D", "F", "G"}


def refused(message: Message, desk: Desk, *, chooser: Chooser | None, at: int) -> Report | None:
    """Return the refusal that a rule has for an order, a cancel or a replacement; None for none."""
    if chooser is None or message.msg_type not in _TAKEN:
        return None
    for rule, _ in chooser.chosen("in", message.msg_type, values=message.text, acts=Reject):
        if isinstance(rule.act, Reject):
            return _refusal(message, desk, act=rule.act, at=at)
    return None


def _refusal(message: Message, desk: Desk, *, act: Reject, at: int) -> Report:
    cl_ord_id = message.text(11)
    if message.msg_type != "D":
        named = {1: desk.party.account, 11: cl_ord_id, 41: message.text(41), 60: stamp(at)}
        response_to = CANCEL_REQUEST if message.msg_type == "F" else REPLACE_REQUEST
        ticket = desk.ticket(message.text(41))
        return cancel_reject(named, ticket, response_to=response_to, reason=act.reason, text=act.text)
    desk.use(cl_ord_id)
    told = {tag: message.text(tag) for tag in (38, 40, 44, 54, 55, 59) if message.text(tag)}
    figures = {1: desk.party.account, 6: "0", 14: "0", 37: NOBODY, 39: "8", 150: "8", 151: "0"}
    own = {11: cl_ord_id, 17: f"RULE-{cl_ord_id}", 58: act.text, 60: stamp(at), 103: str(act.reason)}
    return Report("8", {**told, **figures, **own})
