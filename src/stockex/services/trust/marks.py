"""A checkpoint beside the engine's: where the facts of later commands begin, so that a start reads no others."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from stockex.adapters.checkpoints import Checkpoints
from stockex.bus.interface import Bus
from stockex.errors import CheckpointUnfit
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic

MARKS: Final = "published"
"""The name of the checkpoint of `Marks`."""

TOLD_IN: Final = (Topic.EXECUTIONS, Topic.CONTROL, Topic.LEDGER)
"""Every command has a fact in one of these."""


class Marks(Struct, frozen=True):
    """The facts of all commands below an offset are told, and those of others stand at or above these ones."""

    commands: int = 0
    ends: dict[Topic, int] = {}


def after(marks: Marks, facts: Iterable[Record], *, commands: int) -> Marks:
    """Return the marks behind facts that follow these ones, all of them of commands below an offset."""
    ends = marks.ends | {fact.topic: fact.offset + 1 for fact in facts if fact.topic in marks.ends}
    return Marks(commands, ends)


async def marks_of(bus: Bus) -> dict[Topic, int]:
    """Return the `ends` of marks for a matcher that obeys nothing meanwhile."""
    return {topic: await bus.end(topic) for topic in TOLD_IN}


async def saved_marks(checkpoints: Checkpoints, bus: Bus) -> Marks:
    """Return the newest marks that fit the log, or those that say nothing."""
    ends = {topic: await bus.end(topic) for topic in (Topic.ORDERS, *TOLD_IN)}

    def fitting(data: bytes) -> Marks:
        marks = msgspec.msgpack.decode(data, type=Marks)
        if marks.commands > ends[Topic.ORDERS] or any(mark > ends[topic] for topic, mark in marks.ends.items()):
            raise CheckpointUnfit("it has seen more than the log holds")
        return marks

    return checkpoints.load(MARKS, fitting) or Marks()
