"""Reading the log for the gateway: from its beginning, or from the last checkpoint on."""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from stockex.adapters.checkpoints import Checkpoints, Saving
from stockex.bus.interface import Bus, CutBus
from stockex.core.fix.copies.captures import Captures, CapturesState
from stockex.core.fix.copies.watcher import Watcher
from stockex.core.fix.orders.desks import Asked, Desks
from stockex.errors import CheckpointUnfit, StockExError, WireError
from stockex.messages.codec import decode_record
from stockex.messages.envelope import Record
from stockex.messages.gateways.fix import SessionMoved
from stockex.messages.topics import Topic
from stockex.services.fix.client import Client
from stockex.services.fix.step import Appending, ClientState
from stockex.services.trust.sieve import OWN_TOPICS

CHECKPOINT: Final = "fix"
"""The name of the checkpoint."""

VERSION: Final = 2
"""It is raised when the same bytes mean something else."""


RECORDS_PER_CHECKPOINT: Final = 200_000
"""How many records are heard between two checkpoints at least, and one in `_SHARE` of all there are.

They are few: one takes 3 us for each order that is open or message kept.
"""

_SHARE: Final = 5
_FOLLOWED: Final = (Topic.ORDERS, Topic.EXECUTIONS, Topic.CONTROL, Topic.FIX)

_log = structlog.get_logger(__name__)


class Saved(Struct, frozen=True):
    """What a gateway has made of the log below some offsets.

    Attributes:
        terms: What its sessions were agreed to be, as far as another agreement makes something else of the same log.
        taken: The offset of `executions` at which each order came.
    """

    next_offsets: dict[Topic, int]
    terms: dict[str, str]
    asked: list[Asked]
    taken: dict[int, int]
    clients: dict[str, ClientState]
    captures: CapturesState


def terms_of(clients: Sequence[Client]) -> dict[str, str]:
    """Return what the sessions are agreed to be."""
    found = {}
    for client in clients:
        accounts = client.desk.accounts if isinstance(client.desk, Watcher) else ()
        watched = "all" if accounts is None else sorted(accounts)
        party = f"{client.session.settings.sender} {client.desk.party.account}"
        found[client.name] = f"{party} {client.rolls_daily} {client.desk.may_enter} {watched}"
    return found


read_saved: Final = msgspec.msgpack.Decoder(tuple[int, Saved], dec_hook=lambda kind, value: kind(value)).decode
"""Return what a checkpoint holds, and before it the offset above the newest record of `fix` that it has seen."""

_encode: Final = msgspec.msgpack.Encoder(enc_hook=int).encode


class Memory:
    """What a gateway has made of the log, saved, so that its next start reads only what follows.

    Attributes:
        checkpoints: Where it is saved; None: nowhere.
        unsaved: How many records were heard since it was saved.
        taken: The offset of `executions` at which each order came, as far as was saved.
    """

    def __init__(self, clients: Sequence[Client], desks: Desks, *, captures: Captures) -> None:
        self.checkpoints: Checkpoints | None = None
        self.unsaved = 0
        self.taken: dict[int, int] = {}
        self._clients = clients
        self._desks = desks
        self._captures = captures
        self._terms = terms_of(clients)
        self._saving = Saving()

    async def recall(self, bus: Bus) -> dict[Topic, int]:
        """Let the clients stand where the newest checkpoint that fits has them; return where to read on."""
        firsts = {topic: await first(bus, topic) for topic in _FOLLOWED}
        kept = {topic: range(firsts[topic], await bus.end(topic) + 1) for topic in _FOLLOWED}

        def fitting(data: bytes) -> tuple[int, Saved]:
            end, saved = read_saved(data)
            if saved.terms != self._terms:
                raise CheckpointUnfit("it is of other sessions")
            reached = {**saved.next_offsets, Topic.FIX: end}
            if any(reached.get(topic, -1) not in offsets for topic, offsets in kept.items()):
                raise CheckpointUnfit("the log does not go on where it ends")
            return end, saved

        found = None if self.checkpoints is None else self.checkpoints.load(CHECKPOINT, fitting, version=VERSION)
        if found is None:
            return firsts
        end, saved = found
        self.taken = saved.taken
        self._desks.restore(saved.asked)
        for client in self._clients:
            client.restore(saved.clients[client.name])
        self._captures.restore(saved.captures, [client.desk for client in self._clients])
        return {**saved.next_offsets, Topic.FIX: end}

    async def read_records(self, bus: Bus, *, since: int) -> int:
        """Tell the clients their records from an offset of `fix` on; return the offset above the last."""
        end, clients = await bus.end(Topic.FIX), {client.name: client for client in self._clients}
        if since >= end:
            return end
        async for batch in bus.read({Topic.FIX: since}):
            for record in batch:
                moved = message_of(record)
                client = clients.get(moved.session) if isinstance(moved, SessionMoved) else None
                if client is not None and isinstance(moved, SessionMoved):
                    client.recall(moved)
                    self._captures.recall(client.desk, moved)
            if batch[-1].offset + 1 >= end:
                break
        return end

    def save_when_due(self, reached: Mapping[Topic, int], taken: Mapping[int, int], *, appending: Appending) -> None:
        """Save what was made of the log below `reached`, if enough is new; a task does what takes time."""
        if self.unsaved >= max(RECORDS_PER_CHECKPOINT, sum(reached.values()) // _SHARE) and self._saving.is_free():
            self._begin(reached, taken, appending=appending)

    async def save(self, reached: Mapping[Topic, int], taken: Mapping[int, int], *, appending: Appending) -> None:
        """Save it now, if anything is new."""
        await self._saving.ended()
        if self.unsaved and self._begin(reached, taken, appending=appending):
            await self._saving.ended()

    def _begin(self, reached: Mapping[Topic, int], taken: Mapping[int, int], *, appending: Appending) -> bool:
        """Take the state of now and let a task do the rest; say whether there is anything that can be saved."""
        if self.checkpoints is None or not all(client.is_told for client in self._clients):
            return False
        self.unsaved = 0
        making = self.checkpoints.aside(lambda: self._data(reached, taken))
        self._saving.begin(self._save(making, appending.settled()))
        return True

    def _data(self, reached: Mapping[Topic, int], taken: Mapping[int, int]) -> bytes:
        """Return all that is to be saved but where the records of `fix` end."""
        states = {client.name: client.state(reached[Topic.EXECUTIONS]) for client in self._clients}
        return _encode(
            Saved(dict(reached), self._terms, self._desks.asked(), dict(taken), states, self._captures.state())
        )

    async def _save(self, making: Awaitable[bytes], settled: Awaitable[int | None]) -> None:
        """Save when the records that were under way are in the log: the state holds what the sessions know of them."""
        end = await settled
        try:
            data = await making
            if end is not None and self.checkpoints is not None:
                whole = msgspec.msgpack.encode((end, msgspec.Raw(data)))
                await asyncio.to_thread(self.checkpoints.save, CHECKPOINT, whole, version=VERSION)
        except StockExError as error:
            _log.warning("checkpoint_not_saved", error=str(error))


async def first(bus: Bus, topic: Topic) -> int:
    """Return the offset from which on a topic is kept."""
    assert isinstance(bus, CutBus), "every log that is opened here can be cut"
    return await bus.first(topic)


def message_of(record: Record) -> object:
    """Return the message of a record; one that cannot be read, or is a stranger's fact, concerns nobody here."""
    if not record.is_ours and record.topic in OWN_TOPICS:
        return None
    try:
        return decode_record(record)
    except WireError:  # whoever keeps the views counts it
        return None


def naming(accounts: Iterable[AbstractSet[str] | None]) -> bytes:
    """Return a pattern that finds a record in which one of these accounts stands, None being all of them."""
    names: set[bytes] = set()
    for some in accounts:
        names |= {rb'[^"]+'} if some is None else {re.escape(name.encode()) for name in some}
    return b'"account":"(?:' + b"|".join(sorted(names)) + b')"'
