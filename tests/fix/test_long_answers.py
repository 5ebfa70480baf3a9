"""Answers of many reports, over real sockets: they come in pieces, and others do not wait for them."""

from pathlib import Path

import pytest
from fix.floor import floor
from fix.initiator import Initiator

from stockex.bus.memory import MemoryBus
from stockex.core.fix.copies.pieces import MOST_WAITING
from stockex.core.fix.session.outputs import Numbers
from stockex.services.fix.building import PIECE

BUY = {55: "ALPHA", 54: "1", 38: "10", 40: "2", 44: "24.95", 59: "1"}
COUNT = 3 * PIECE + 4

pytestmark = pytest.mark.usefixtures("connections")


async def _many_orders(one: Initiator) -> None:
    for number in range(COUNT):
        one.send("D", {11: str(number), **BUY})
    for number in range(COUNT):
        await one.report(t11=str(number), t150="0")


async def test_all_open_orders_are_told_in_pieces(bus: MemoryBus, tmp_path: Path) -> None:
    """Each once, the last is marked; an order of the meantime is told in between."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        await _many_orders(one)
        one.send("AF", {584: "S", 585: "7", 60: ""})
        one.send("D", {11: "NEW", **BUY})
        told = [await one.message() for _ in range(COUNT + 1)]
        states = [each for each in told if each.text(150) == "I"]
        assert [each.text(11) for each in states] == [str(number) for number in range(COUNT)]
        assert {each.text(911) for each in states} == {str(COUNT)}
        assert [each.text(912) for each in states] == ["N"] * (COUNT - 1) + ["Y"]
        assert any(each.text(11) == "NEW" for each in told[:-1])


async def test_what_follows_the_first_piece_is_not_sent_again(bus: MemoryBus, tmp_path: Path) -> None:
    """Who asks gets a gap filled, also after a start on the log."""
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        await _many_orders(one)
        before = one.session.numbers
        one.send("AF", {584: "S", 585: "7", 60: ""})
        for _ in range(COUNT):
            await one.report(t150="I", t584="S")
        await one.cut()
        after = one.session.numbers
    for _ in range(2):
        async with floor(bus, tmp_path) as port:
            one.session.renumber(Numbers(before.expected, one.session.numbers.next_out))
            await one.connect(port)
            for _ in range(PIECE):
                await one.report(t150="I", t584="S")
            one.send("H", {11: "0", 54: "1", 55: "ALPHA", 60: ""})
            await one.report(t150="I", t584="", t11="0")
            assert one.session.numbers.expected > after.expected
            await one.cut()


async def test_a_session_asks_for_only_so_much_at_once(bus: MemoryBus, tmp_path: Path) -> None:
    """BusinessMessageReject, application not available, and no subscription; what was begun is told to its end."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        await _many_orders(one)
        for number in range(MOST_WAITING + 1):
            one.send("AF", {584: str(number), 585: "7", 60: ""})
        one.send("AD", {568: "T", 569: "0", 263: "1", 60: ""})
        told = [await one.message() for _ in range(MOST_WAITING * COUNT + 2)]
        assert [each.text(380) for each in told if each.msg_type == "j"] == ["4", "4"]
        assert [each.text(584) for each in told if each.text(912) == "Y"] == list(map(str, range(MOST_WAITING)))
        one.send("AD", {568: "T", 569: "0", 263: "2", 60: ""})
        await one.report(t568="T", t750="2", t58="there is no such subscription")
