"""A gateway that goes on from a checkpoint stands where one stands that reads the whole log."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from fix.floor import GATEWAYS, copied, floor
from fix.initiator import Initiator, hang_up
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.bus.memory import MemoryBus
from stockex.core.fix.orders.desk import DeskState
from stockex.messages.envelope import Entry
from stockex.services.fix.building import clients_of
from stockex.services.fix.client import Client
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.reading import CHECKPOINT, VERSION, Saved, read_saved

ORDER = {55: "ALPHA", 40: "2", 44: "24.95", 59: "1"}
SESSIONS = FixSessions(
    sessions=(
        FixSession(target="CLIENT1", cancel_on_disconnect=True),
        FixSession(target="CLIENT2"),
        FixSession(target="FIRM", account="CLIENT1", drop_copy="all"),
    )
)
_OF_NOW = re.compile(rb"\x01(?:52|10)=[^\x01]*")
"""SendingTime, which is that of the fact when a report is made again, and the sum over it."""


pytestmark = pytest.mark.usefixtures("connections")


class SlowLog(MemoryBus):
    """A log that takes a few turns to make records durable."""

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """As `Bus` says, after a while, also when who asked for it has been cancelled."""
        appended = asyncio.create_task(self._later(entries))
        try:
            return await asyncio.shield(appended)
        except asyncio.CancelledError:
            await asyncio.wait({appended})
            raise

    async def _later(self, entries: Sequence[Entry]) -> Sequence[int]:
        for _ in range(5):
            await asyncio.sleep(0)
        return await super().append(entries)


class Trader:
    """Sends by one session, waits for nothing, and comes back when it was gone."""

    def __init__(self, told: Client, port: int) -> None:
        """Trade by the session that the gateway has as `told`."""
        self._client = Initiator(told.name)
        self._told = told
        self._port = port
        self._count = 0
        self._is_up = False

    async def act(self, what: str) -> None:
        """Do one thing."""
        if not self._is_up:
            await self._client.connect(self._port)
            self._is_up = True
        self._count += 1
        name, before = f"O{self._count}", f"O{self._count - 1}"
        match what:
            case "buy" | "sell":
                self._client.send("D", {11: name, 54: "1" if what == "buy" else "2", 38: str(self._count), **ORDER})
            case "cancel":
                self._client.send("F", {11: name, 41: before, 55: "ALPHA", 54: "1", 38: "10"})
            case "replace":
                self._client.send("G", {11: name, 41: before, 54: "1", 38: "90", **ORDER, 44: "24.90"})
            case "ask":
                self._client.send("H", {11: before, 55: "ALPHA", 54: "1"})
            case "watch":
                self._client.send("AD", {568: name, 569: "0", 263: "1"})
            case "list":
                orders = ({11: name, 67: "1", 54: "1", 38: "10", **ORDER},)
                self._client.send("E", {66: f"L{name}", 68: "1", 394: "3", 73: orders})
            case "leave":
                self._is_up = False
                await self._client.cut()
                await gone([self._told])


async def gone(clients: Sequence[Client]) -> None:
    """Wait until the gateway knows that these are gone."""
    for _ in range(10_000):
        await asyncio.sleep(0)
        if not any(client.is_up for client in clients):
            return


def known(desk: DeskState) -> DeskState:
    """Return what a desk knows, without the order in which client ids were heard of."""
    watched = {account: known(each) for account, each in desk.watched.items()}
    return replace(desk, used=sorted(desk.used), watched=watched)


async def standing(bus: MemoryBus, folder: Path, out: Path) -> Saved:
    """Return what a gateway that starts on a log makes of it, with the checkpoints in `folder`."""
    gateway = Gateway(bus, clients_of(SESSIONS, verify=lambda *_: True, demo=True), clock=wall_clock)
    gateway.memory.checkpoints = Checkpoints(folder)
    following = asyncio.create_task(gateway.serve())
    await gateway.ready()
    gateway.memory.checkpoints, gateway.memory.unsaved = Checkpoints(out), 1
    await gateway.save()
    following.cancel()
    found = Checkpoints(out).load(CHECKPOINT, read_saved, version=VERSION)
    assert found is not None
    clients = {}
    for name, client in found[1].clients.items():
        frames = {number: _OF_NOW.sub(b"", frame) for number, frame in client.frames.items()}
        clients[name] = replace(client, frames=frames, desk=known(client.desk))
    return replace(found[1], clients=clients)


SEARCH = (Phase.explicit, Phase.generate)
"""A failure is not made smaller: each try is a floor of its own."""

STEPS = st.tuples(
    st.sampled_from(["CLIENT1", "CLIENT2", "FIRM"]),
    st.sampled_from(["buy", "sell", "sell", "cancel", "replace", "ask", "list", "watch", "leave"]),
)

RESTS = st.lists(st.integers(0, 12), min_size=14, max_size=14)


@settings(max_examples=20, deadline=None, phases=SEARCH, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEPS, min_size=3, max_size=14),
    at=st.integers(0, 13),
    rests=RESTS,
)
def test_a_checkpoint_and_the_rest_of_the_log_are_the_whole_log(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], at: int, *, rests: list[int]
) -> None:
    """Wherever it was saved, with requests and reports on their way."""
    asyncio.run(live(tmp_path_factory.mktemp("fix"), steps, at=at, rests=rests))


async def live(folder: Path, steps: list[tuple[str, str]], *, at: int, rests: list[int]) -> None:
    """Take steps, save a checkpoint amid them, and let a gateway start with it and one without."""
    bus = SlowLog(wall_clock)
    async with floor(bus, folder, SESSIONS) as port:
        [gateway] = GATEWAYS
        gateway.remember(Checkpoints(folder / "amid"))
        traders = {client.name: Trader(client, port) for client in gateway.clients}
        for place, (name, what) in enumerate(steps):
            await traders[name].act(what)
            for _ in range(rests[place]):
                await asyncio.sleep(0)
            if place == at % len(steps):
                await gateway.save()
                gateway.remember(Checkpoints(folder / "end"))
        log = await copied(bus)
        await hang_up()
        await gone(gateway.clients)
    with_it = await standing(await copied(log), folder / "amid", folder / "with")
    assert with_it == await standing(log, folder / "none", folder / "without")


async def test_a_checkpoint_of_another_log_is_passed_over(tmp_path: Path) -> None:
    """It has seen more than this log holds: then all of the log is read."""
    await live(tmp_path, [("CLIENT1", "buy"), ("CLIENT2", "sell")], at=1, rests=[20, 20])
    other = MemoryBus(wall_clock)
    found = await standing(other, tmp_path / "amid", tmp_path / "other")
    assert not found.taken
    assert found.clients["CLIENT1"].moved.next_out == 1
