"""The FIX gateway as a process of its own on Kafka: killed amid orders, it comes back with every report."""

import asyncio
import time
from pathlib import Path

import pytest
from broker import Broker
from fix.initiator import Initiator, hang_up

from stockex.torture.fleet import Fleet, free_port
from stockex.vocabulary.services import Service

pytestmark = pytest.mark.crash

WITHIN_S = 30.0
ORDER = {55: "ALPHA", 54: "1", 38: "1", 40: "2", 44: "20", 59: "1"}


async def connected(client: Initiator, port: int) -> None:
    """Connect as soon as the gateway listens."""
    until = time.monotonic() + WITHIN_S
    while True:
        try:
            await client.connect(port)
        except ConnectionError:
            assert time.monotonic() < until, "the gateway does not listen"
            await asyncio.sleep(0.1)  # a process of its own can only be asked again
        else:
            return


async def test_every_order_is_taken_once_and_told_once(broker: Broker, tmp_path: Path) -> None:
    """The gateway is killed with -9 twice, each time with orders on their way."""
    port = free_port()
    with Fleet(tmp_path, broker.bootstrap, prefix="fix-", STOCKEX_FIX_PORT=str(port)) as fleet:
        fleet.add(Service.MATCHER).ready()
        gateway = fleet.add(Service.FIX).ready()
        client, told = Initiator("CLIENT1"), list[str]()
        for turn in range(3):
            await connected(client, port)
            for number in range(100):
                client.send("D", {11: f"A{turn}-{number}", **ORDER})
            await client.report(t11=f"A{turn}-0", t150="0")
            told.append(f"A{turn}-0")
            if turn < 2:
                gateway.kill()
                await client.cut()
                gateway.start().ready()
                await connected(client, port)
            while len(told) < 100 * (turn + 1):
                report = await client.message()
                assert report.text(150) == "0", report
                told.append(report.text(11))
            await client.cut()
        assert told == [f"A{turn}-{number}" for turn in range(3) for number in range(100)]
    await hang_up()
