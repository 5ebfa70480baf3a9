"""Orders that come through others: their reports go back the way that they came."""

from pathlib import Path

import pytest
from fix.floor import floor
from fix.initiator import Initiator

from stockex.bus.memory import MemoryBus
from stockex.core.fix.message import Message, head
from stockex.core.fix.session.outputs import Numbers

BUY = {55: "ALPHA", 54: "1", 38: "10", 40: "2", 44: "24.95", 59: "1"}
THROUGH = {115: "FUND", 116: "TRADER", 144: "ROME"}
BACK = {128: "FUND", 129: "TRADER", 145: "ROME"}


pytestmark = pytest.mark.usefixtures("connections")


def route(message: Message) -> dict[int, str]:
    """Return the fields of the header that say to whom, and through whom, a message goes."""
    return {tag: head(message, tag) for tag in (115, 116, 128, 129, 144, 145) if head(message, tag)}


async def test_reports_go_back_the_way_of_the_request_that_they_name(bus: MemoryBus, tmp_path: Path) -> None:
    """Of the order, of its cancel by somebody else, and of an order that came straight."""
    async with floor(bus, tmp_path) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        one.send("D", {11: "A", **BUY}, header=THROUGH)
        assert route(await one.report(t11="A", t150="0")) == BACK
        two.send("D", {11: "S", **BUY, 54: "2", 38: "4"}, header={128: "AGENT"})
        assert route(await two.report(t11="S", t150="0")) == {115: "AGENT"}
        assert route(await one.report(t11="A", t150="F")) == BACK
        one.send("F", {11: "B", 41: "A", 55: "ALPHA", 54: "1", 38: "10"}, header={115: "DESK"})
        assert route(await one.report(t11="B", t150="4")) == {128: "DESK"}
        one.send("D", {11: "C", **BUY})
        assert route(await one.report(t11="C", t150="0")) == {}
        one.send("F", {11: "D", 41: "A", 55: "ALPHA", 54: "1", 38: "10"}, header={115: "DESK"})
        assert route(await one.report(t35="", t11="D", t102="0")) == {128: "DESK"}


async def test_reports_that_are_sent_again_after_a_restart_keep_their_way(bus: MemoryBus, tmp_path: Path) -> None:
    """Those that a fact makes and those that none does, and those of facts that come only now."""
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("D", {11: "A", **BUY}, header=THROUGH)
        one.send("H", {11: "Z", 55: "ALPHA", 54: "1", 60: ""}, header={115: "DESK"})
        for _ in range(2):
            await one.message()
        await one.cut()
    async with floor(bus, tmp_path) as port:
        one.session.renumber(Numbers(2, one.session.numbers.next_out))
        await one.connect(port)
        again = [await one.message() for _ in range(2)]
        ways = {(message.text(11), head(message, 43)): route(message) for message in again}
        assert ways == {("A", "Y"): BACK, ("Z", "Y"): {128: "DESK"}}
        two = await Initiator("CLIENT2").connect(port)
        two.send("D", {11: "S", **BUY, 54: "2"})
        assert route(await one.report(t11="A", t150="F")) == BACK
