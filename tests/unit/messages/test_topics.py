"""Every message has a topic, a key, and comes back from it."""

import msgspec
import pytest

from stockex.messages.clearing import Deposited
from stockex.messages.codec import TOPICS, decode, encode, entry_of, topic_of
from stockex.messages.control import MemberLogout, Suspended
from stockex.messages.orders import CancelOrder, MassCancel
from stockex.messages.topics import TOPIC_NOTES, Topic
from stockex.vocabulary.units import Cash, Nanos, Shares

KINDS = [kind for kind in TOPICS if issubclass(kind, msgspec.Struct)]


def test_commands_go_to_orders_with_their_symbol_as_key() -> None:
    """Topic, key and value of an entry."""
    command = CancelOrder(account="A", orig_cl_ord_id="x", symbol="ALPHA")
    entry = entry_of(command)
    assert (entry.topic, entry.key) == (Topic.ORDERS, "ALPHA")
    assert decode(entry.topic, entry.value) == command


@pytest.mark.parametrize(
    "message",
    [
        MassCancel(account="A"),
        Suspended(offset=0, index=0, at=Nanos(0)),
        MemberLogout(member="USR01"),
        Deposited(offset=0, index=0, at=Nanos(0), account="A", cash=Cash(1), symbol=None, qty=Shares(0)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_without_a_symbol_has_an_empty_key(
    message: MassCancel | Suspended | MemberLogout | Deposited,
) -> None:
    """Null and absent are the same."""
    assert entry_of(message).key == ""
    assert decode(topic_of(message), encode(message)) == message


def test_marks_tell_the_messages_of_a_topic_apart() -> None:
    """No two types of one topic have the same mark."""
    marks = [(TOPICS[kind], kind.__struct_config__.tag) for kind in KINDS]
    assert len(set(marks)) == len(marks)


def test_every_topic_has_a_note() -> None:
    """The reference page says what each is for."""
    assert set(TOPIC_NOTES) == set(Topic)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_message_takes_unknown_fields(kind: type[msgspec.Struct]) -> None:
    """Nothing is guessed, nothing is passed over."""
    assert kind.__struct_config__.forbid_unknown_fields
    assert kind.__struct_config__.frozen
