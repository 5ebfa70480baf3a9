"""The FIX gateway as a process of its own on Kafka: killed amid orders, it comes back with every report."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from broker import Broker
from fix.initiator import Initiator, hang_up

from stockex.core.fix.message import Message
from stockex.torture.fleet import Fleet, Process, free_port
from stockex.vocabulary.services import Service

pytestmark = pytest.mark.crash

WITHIN_S = 30.0
ORDER = {55: "ALPHA", 54: "1", 38: "1", 40: "2", 44: "20", 59: "1"}
SESSIONS = """
[[session]]
target = "CLIENT1"
[[session]]
target = "BUYER"
account = "USR01"
[[session]]
target = "SELLER"
account = "MDF"
[[session]]
target = "FIRM"
account = "USR01"
drop_copy = ["USR01", "MDF"]
"""
PAIRS = 20
"""So many orders of each side meet, one by one."""


class Venue(NamedTuple):
    """A gateway beside its matcher."""

    gateway: Process
    port: int

    async def connected(self, client: Initiator) -> None:
        """Connect as soon as the gateway listens."""
        until = time.monotonic() + WITHIN_S
        while True:
            try:
                await client.connect(self.port)
            except ConnectionError:
                assert time.monotonic() < until, "the gateway does not listen"
                await asyncio.sleep(0.1)  # a process of its own can only be asked again
            else:
                return

    async def dies(self, *clients: Initiator) -> None:
        """Kill the gateway and start it again; its clients come back."""
        self.gateway.kill()
        for client in clients:
            await client.cut()
        self.gateway.start().ready()
        for client in clients:
            await self.connected(client)


@pytest.fixture(scope="module")
def venue(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """Run a matcher and a gateway that knows a client, two that trade with each other, and who watches these."""
    folder, port = tmp_path_factory.mktemp("fix"), free_port()
    sessions = folder / "sessions.toml"
    sessions.write_text(SESSIONS)
    more = {"STOCKEX_FIX_PORT": str(port), "STOCKEX_FIX_SESSIONS": str(sessions)}
    with Fleet(Path(folder), broker.bootstrap, prefix="fix-", **more) as fleet:
        fleet.add(Service.MATCHER).ready()
        yield Venue(fleet.add(Service.FIX).ready(), port)


@pytest_asyncio.fixture(autouse=True)
async def connections() -> AsyncIterator[None]:
    """Close all connections after a test."""
    yield
    await hang_up()


async def test_every_order_is_taken_once_and_told_once(venue: Venue) -> None:
    """The gateway is killed with -9 twice, each time with orders on their way."""
    client, told = Initiator("CLIENT1"), list[str]()
    await venue.connected(client)
    for turn in range(3):
        for number in range(100):
            client.send("D", {11: f"A{turn}-{number}", **ORDER})
        await client.report(t11=f"A{turn}-0", t150="0")
        told.append(f"A{turn}-0")
        if turn < 2:
            await venue.dies(client)
        while len(told) < 100 * (turn + 1):
            report = await client.message()
            assert report.text(150) == "0", report
            told.append(report.text(11))
    assert told == [f"A{turn}-{number}" for turn in range(3) for number in range(100)]


async def test_copies_and_trades_are_told_once_though_the_gateway_dies(venue: Venue) -> None:
    """Amid fills: who traded and who watches have every report and copy, once each; who captures trades asks anew."""
    buyer, seller, firm = clients = [Initiator(name) for name in ("BUYER", "SELLER", "FIRM")]
    for client in clients:
        await venue.connected(client)
    firm.send("AD", {60: "", 568: "T", 569: "0", 263: "1", 55: "ALPHA"})
    await firm.report(t568="T", t748="0", t749="0", t750="0")
    for number in range(PAIRS):
        buyer.send("D", {11: f"B{number}", **ORDER, 44: "24.95"})
    bought = await _until(buyer, [("0", f"B{number}") for number in range(PAIRS)])
    for number in range(PAIRS):
        seller.send("D", {11: f"S{number}", **ORDER, 44: "24.95", 54: "2"})
    sold = await _until(seller, [("F", "S0")])
    await venue.dies(*clients)
    bought += await _until(buyer, [("F", f"B{number}") for number in range(PAIRS)])
    sold += await _until(seller, [("F", f"S{number}") for number in range(1, PAIRS)])
    firm.send("AD", {60: "", 568: "U", 569: "0", 263: "0", 55: "ALPHA"})
    watched = await _until(firm, [("AQ", "U")])
    trades = [await firm.message() for _ in range(PAIRS)]
    once = sorted((kind, f"{side}{number}") for kind in "0F" for side in "BS" for number in range(PAIRS))
    copies = [message for message in watched if message.msg_type == "8"]
    assert sorted((copy.text(150), copy.text(11)) for copy in copies if copy.text(797) == "Y") == once
    assert sorted((report.text(150), report.text(11)) for report in (*bought, *sold)) == once
    assert {copy.text(17) for copy in copies} == {report.text(17) for report in (*bought, *sold)}
    captured = [trade.text(571) for trade in trades]
    assert [trade.text(568) for trade in trades] == ["U"] * PAIRS
    assert len({*captured}) == PAIRS
    followed = [message.text(571) for message in watched if message.msg_type == "AE"]
    assert len(followed) == len({*followed})
    assert {*followed} <= {*captured}


async def _until(client: Initiator, wanted: list[tuple[str, str]]) -> list[Message]:
    """Return what a client is told until it has these: ExecType and ClOrdID of reports, type and id of answers."""
    found, missing = list[Message](), {*wanted}
    while missing:
        found.append(message := await client.message())
        missing.discard((message.text(150), message.text(11)))
        missing.discard((message.msg_type, message.text(568)))
    return found
