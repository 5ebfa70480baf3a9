"""`python -m stockex.torture.days.again FOLDER...`: replays days and prints what it found, a line of JSON each."""

import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from stockex.bus.sqlite import stored
from stockex.core.snapshot import digest, dump, load
from stockex.journal import LOG_FILE
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.simulation.replay import replay


class Again(Struct):
    """What a replay found: the first fact that differs from the log, how many the log has more or less, the digests.

    `facts` is the hash of all facts in order. `halfway` is the state at the end of a replay that stopped in the middle,
    and went on from a snapshot.
    """

    differs: str | None
    missing: int
    surplus: int
    offset: int
    digest: str
    facts: str
    halfway: str


def again(folder: Path) -> Again:
    """Replay the day in `folder`."""

    def records(topic: Topic) -> Iterable[Record]:
        return stored(folder / LOG_FILE, topic)

    facts = sha256()
    found = replay(records, heard=facts.update)
    half = replay(records, until=found.offset // 2).exchanges[0]
    half = load(dump(half))
    for record in stored(folder / LOG_FILE, Topic.ORDERS, since=half.next_offset):
        facts_of(half, record)
    counts = (found.unpublished, found.surplus, found.offset)
    return Again(found.differs, *counts, found.digest, facts.hexdigest(), digest(half))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.buffer.write(msgspec.json.encode(again(Path(name))) + b"\n")
        sys.stdout.buffer.flush()
