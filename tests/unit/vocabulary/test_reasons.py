"""Every reason has its rule, its field and its sentence."""

import re

import msgspec
import pytest

from stockex.messages.orders import AnyCommand
from stockex.vocabulary.reasons import RULES, RejectReason

FIELDS = {name for kind in AnyCommand.__args__ for name in kind.__struct_encode_fields__}


@pytest.mark.parametrize("reason", RejectReason)
def test_a_reason_can_be_acted_on(reason: RejectReason) -> None:
    """It has a rule's number, a field of a command on the wire, and one sentence."""
    rule = RULES[reason]
    assert re.fullmatch(r"[A-Z]{3}-\d{2}", rule.number)
    assert rule.field in FIELDS
    assert re.fullmatch(r"[A-Z][^.]*\.", rule.sentence)


def test_the_table_has_the_order_of_the_reasons() -> None:
    """Precedence is declared once and shown in the same order."""
    assert list(RULES) == list(RejectReason)


def test_reasons_stand_on_the_wire_by_their_name() -> None:
    """A reader of the log needs no table."""
    assert [msgspec.json.decode(msgspec.json.encode(reason)) for reason in RejectReason] == [
        r.name for r in RejectReason
    ]
