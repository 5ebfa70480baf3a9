"""The market over real sockets: what a session watches, beside its reports."""

from pathlib import Path

import pytest
from fix.floor import DeafBus, floor
from fix.initiator import Initiator

from stockex.adapters.clock import wall_clock
from stockex.bus.memory import MemoryBus
from stockex.core.fix.message import Fields
from stockex.messages.codec import entry_of
from stockex.messages.orders import ChangePhase
from stockex.vocabulary.enums import PhaseAction

BUY = {55: "ALPHA", 54: "1", 38: "10", 40: "2", 44: "24.95"}
HALT = entry_of(ChangePhase(to=PhaseAction.HALT, symbol="ALPHA"))
BOOK: Fields = {60: "", 262: "Q", 263: "1", 264: "0", 265: "1", 267: ({269: "0"}, {269: "2"}), 146: ({55: "ALPHA"},)}
RESUME = entry_of(ChangePhase(to=PhaseAction.RESUME, symbol="ALPHA"))


pytestmark = pytest.mark.usefixtures("connections")


async def test_a_session_is_told_the_status_of_a_security(bus: MemoryBus, tmp_path: Path) -> None:
    """At once, and when its phase changes; the others are not."""
    async with floor(bus, tmp_path) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "1"}, header={115: "DESK"})
        told = await one.report(t324="S", t55="ALPHA", t325="N", t326="17")
        assert told.header[128] == "DESK"
        await bus.append([HALT])
        await one.report(t324="S", t325="Y", t326="2")
        two.send("x", {60: "", 320: "L", 559: "4"})
        await two.report(t320="L", t393="1", t893="Y")


async def test_what_is_told_of_the_market_is_not_sent_again(bus: MemoryBus, tmp_path: Path) -> None:
    """A gap is filled where it was; the reports around it keep their numbers, also after a restart."""
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("D", {11: "A", **BUY, 59: "1"})
        await one.report(t11="A", t150="0")
        one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "1"})
        await one.report(t326="17")
        await bus.append([HALT])
        await one.report(t326="2")
        await bus.append([RESUME])
        await one.report(t326="17")
        one.send("D", {11: "B", **BUY, 59: "1"})
        last = await one.report(t11="B", t150="0")
        await one.cut()
    seen = one.session.numbers
    async with floor(bus, tmp_path) as port:
        one.session.renumber(type(seen)(1, seen.next_out))
        await one.connect(port)
        await one.report(t11="A", t150="0")
        again = await one.report(t11="B", t150="0")
        assert again.header[34] == last.header[34]
        one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "0"})
        await one.report(t326="17", t325="N")


async def test_a_watch_ends_with_its_connection(bus: MemoryBus, tmp_path: Path) -> None:
    """Its id is free in the next one."""
    async with floor(bus, tmp_path) as port:
        one = Initiator("CLIENT1")
        for _ in range(2):
            await one.connect(port)
            one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "1"})
            await one.report(t324="S", t325="N", t326="17")
            await one.cut()


async def test_numbers_that_could_not_be_stored_do_not_leave(tmp_path: Path) -> None:
    """The session is cut, comes back, and goes on; after a restart what it was sent before has its numbers still."""
    bus, one = DeafBus(wall_clock), Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "1"})
        await one.report(t326="17")
        bus.is_deaf = True
        await bus.append([HALT])
        with pytest.raises(AssertionError, match="ended the connection"):
            await one.report(t326="2")
        await one.cut()
        await one.connect(port)
        one.send("D", {11: "A", **BUY, 59: "1"})
        await one.report(t11="A", t150="8")
        await one.cut()
    seen = one.session.numbers
    async with floor(bus, tmp_path) as port:
        one.session.renumber(type(seen)(1, seen.next_out))
        await one.connect(port)
        await one.report(t11="A", t150="8")
        one.send("e", {60: "", 324: "S", 55: "ALPHA", 263: "0"})
        await one.report(t326="2")


async def test_a_session_follows_a_book_beside_its_orders(bus: MemoryBus, tmp_path: Path) -> None:
    """Snapshot, then changes; each report comes once, in the order of its facts, whatever stands between."""
    async with floor(bus, tmp_path) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        one.send("V", BOOK)
        told = await one.message()
        assert (told.msg_type, told.group(268)) == ("W", ())
        shown, reports = 0, list[tuple[str, str]]()
        for turn in range(20):
            one.send("D", {11: f"A{turn}", **BUY})
            two.send("D", {11: f"B{turn}", **BUY, 54: "2", 38: "3"})
        while len(reports) < 40 or shown != 140:
            message = await one.message()
            if message.msg_type == "8":
                reports.append((message.text(150), message.text(11)))
            for entry in message.group(268):
                shown = int(str(entry[271])) if entry[269] == "0" and entry[279] != "2" else shown
        assert [each for kind, each in reports if kind == "0"] == [f"A{turn}" for turn in range(20)]
        assert sum(kind == "F" for kind, _ in reports) >= 20


async def test_a_session_that_does_not_read_is_told_how_things_stand(bus: MemoryBus, tmp_path: Path) -> None:
    """What changed meanwhile is told as one."""
    async with floor(bus, tmp_path) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        one.send("V", {**BOOK, 267: ({269: "0"},)})
        assert (await one.message()).msg_type == "W"
        for turn in range(50):
            two.send("D", {11: f"B{turn}", **BUY})
            await two.report(t150="0")
        sizes = list[str]()
        while not sizes or sizes[-1] != "500":
            sizes += [str(entry[271]) for entry in (await one.message()).group(268)]
        assert len(sizes) <= 50
