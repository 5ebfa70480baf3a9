"""Drop copy over real sockets: copies by whatever way an order came, and by resend after a crash."""

from pathlib import Path

import pytest
from fix.floor import DeafBus, copied, floor
from fix.initiator import Initiator

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import FixSession, FixSessions
from stockex.bus.memory import MemoryBus
from stockex.core.fix.message import head
from stockex.core.fix.session.outputs import Numbers
from stockex.messages.codec import entry_of
from stockex.messages.orders import CancelOrder, NewOrder
from stockex.vocabulary.enums import Side, TimeInForce
from stockex.vocabulary.units import Price, Shares

BUY = {55: "ALPHA", 54: "1", 38: "10", 40: "2", 44: "24.95", 59: "1"}
SELL = {**BUY, 54: "2"}
SESSIONS = FixSessions(
    sessions=(
        FixSession(target="CLIENT1"),
        FixSession(target="CLIENT2"),
        FixSession(target="DESK", account="CLIENT1", drop_copy=("CLIENT1",)),
        FixSession(target="FIRM", account="CLIENT1", drop_copy="all"),
    )
)


pytestmark = pytest.mark.usefixtures("connections")


async def test_a_session_is_sent_copies_of_what_its_accounts_are_told(bus: MemoryBus, tmp_path: Path) -> None:
    """With the same ExecID; of other accounts it hears nothing, and its own order is refused."""
    async with floor(bus, tmp_path, SESSIONS) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        desk = await Initiator("DESK").connect(port)
        one.send("D", {11: "A", **BUY})
        own, copy = await one.report(t150="0", t797=""), await desk.report(t150="0", t11="A", t797="Y", t1="CLIENT1")
        assert own.text(17) == copy.text(17)
        assert copy.group(453) == ({448: "CLIENT1", 447: "D", 452: "36"},)
        two.send("D", {11: "B", **SELL, 38: "4"})
        await desk.report(t150="F", t11="A", t32="4", t151="6", t797="Y")
        desk.send("D", {11: "C", **BUY})
        await desk.report(t372="D", t380="6")


@pytest.mark.parametrize("step", [1, -1])
async def test_whoever_stands_first_among_the_sessions_all_are_told(bus: MemoryBus, tmp_path: Path, step: int) -> None:
    """A session that watches does not take the place of one that enters."""
    async with floor(bus, tmp_path, FixSessions(sessions=SESSIONS.sessions[::step])) as port:
        one, firm = await Initiator("CLIENT1").connect(port), await Initiator("FIRM").connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0", t11="A")
        await firm.report(t150="0", t11="A", t797="Y")
        one.send("F", {11: "B", 41: "A", 54: "1", 55: "ALPHA", 38: "10"})
        await one.report(t150="4", t11="B", t797="")
        await firm.report(t150="4", t11="B", t797="Y")


async def test_an_order_id_of_any_length_is_of_no_order(bus: MemoryBus, tmp_path: Path) -> None:
    """Its text may be too long to be a number at all; the session goes on."""
    async with floor(bus, tmp_path, SESSIONS) as port:
        for name in ("CLIENT1", "FIRM"):
            client = await Initiator(name).connect(port)
            client.send("H", {11: "NONE", 37: "9" * 5_000, 54: "1", 55: "ALPHA", 60: ""})
            await client.report(t150="I", t39="8", t11="NONE")


async def test_orders_that_came_by_other_ways_are_copied(bus: MemoryBus, tmp_path: Path) -> None:
    """Who entered them is told; a cancel by the account ends in a copy too."""
    order = NewOrder(
        account="CLIENT1",
        source="WEB",
        cl_ord_id="W",
        symbol="ALPHA",
        side=Side.BUY,
        qty=Shares(5),
        limit=Price(249_500),
        tif=TimeInForce.DAY,
    )
    async with floor(bus, tmp_path, SESSIONS) as port:
        desk = await Initiator("DESK").connect(port)
        await bus.append([entry_of(order)])
        copy = await desk.report(t150="0", t11="W", t38="5", t797="Y")
        assert copy.group(453)[0][448] == "WEB"
        await bus.append([entry_of(CancelOrder(account="CLIENT1", orig_cl_ord_id="W", symbol="ALPHA", source="WEB"))])
        await desk.report(t150="4", t11="W", t39="4")


async def test_missed_copies_are_sent_again_after_a_crash(bus: MemoryBus, tmp_path: Path) -> None:
    """Each once, with its number: those of before, of the time without a connection, and of after."""
    desk, firm = Initiator("DESK"), Initiator("FIRM")
    async with floor(bus, tmp_path, SESSIONS) as port:
        one = await Initiator("CLIENT1").connect(port)
        await desk.connect(port)
        one.send("D", {11: "A", **BUY})
        await desk.report(t150="0", t11="A")
        await desk.cut()
        one.send("D", {11: "B", **BUY})
        await one.report(t11="A")
        await one.report(t11="B")
        after = await copied(bus)
    async with floor(after, tmp_path / "after", SESSIONS) as port:
        two = await Initiator("CLIENT2").connect(port)
        two.send("D", {11: "C", **SELL, 38: "20"})
        for found in (desk, firm):
            await found.connect(port)
        await desk.report(t11="B", t150="0", t797="Y")
        for cl_ord_id in ("A", "B"):
            await desk.report(t11=cl_ord_id, t150="F", t39="2", t797="Y")
        told = [await firm.message() for _ in range(7)]
        assert [(each.text(11), each.text(150)) for each in told] == [
            *(("A", "0"), ("B", "0"), ("C", "0")),
            *(("A", "F"), ("C", "F"), ("B", "F"), ("C", "F")),
        ]


async def test_a_subscription_to_trades_is_sent_what_it_missed_after_a_crash(bus: MemoryBus, tmp_path: Path) -> None:
    """Its reports have numbers of their own; it ends with the connection, and trades of then can be asked for."""
    desk = Initiator("DESK")
    async with floor(bus, tmp_path, SESSIONS) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        await desk.connect(port)
        since = ({75: "20200102", 60: "20200102-10:00:00.123456"},)
        desk.send("AD", {60: "", 568: "T", 569: "0", 263: "1", 580: since}, header={115: "CLEARER"})
        await desk.report(t568="T", t749="0", t750="0")
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")
        two.send("D", {11: "B", **SELL, 38: "4"})
        await two.report(t150="0")
        await two.report(t150="F")
        after = await copied(bus)
        told = [await desk.message() for _ in range(3)]
        await desk.cut()
        await two.cut()
    async with floor(after, tmp_path / "after", SESSIONS) as port:
        desk.session.renumber(Numbers(2, desk.session.numbers.next_out))
        await desk.connect(port)
        again = [await desk.message() for _ in range(4)]
        assert [message.body for message in again[1:]] == [message.body for message in told]
        report = next(message for message in again if message.msg_type == "AE")
        assert (head(report, 128), report.text(568), report.text(32)) == ("CLEARER", "T", "4")
        await two.connect(port)
        two.send("D", {11: "C", **SELL, 38: "1"})
        await desk.report(t35="", t150="F", t11="A", t32="1")
        desk.send("AD", {60: "", 568: "U", 569: "1", 263: "0", 55: "ALPHA"})
        await desk.report(t568="U", t748="2", t749="0")
        assert [(await desk.message()).text(32) for _ in range(2)] == ["4", "1"]


async def test_trades_of_a_security_that_is_not_listed_are_refused(bus: MemoryBus, tmp_path: Path) -> None:
    """Invalid or unknown instrument."""
    async with floor(bus, tmp_path, SESSIONS) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("AD", {60: "", 568: "T", 569: "1", 55: "NOWHERE"})
        await one.report(t568="T", t749="1", t750="2")


async def test_what_the_gateway_refuses_is_copied_and_sent_again_after_a_crash(bus: MemoryBus, tmp_path: Path) -> None:
    """It is no fact, but has its number in the log; 9 and r are copied, whoever refuses."""
    desk = Initiator("DESK")
    async with floor(bus, tmp_path, SESSIONS) as port:
        one = await Initiator("CLIENT1").connect(port)
        await desk.connect(port)
        one.send("D", {11: "A", **BUY, 38: "1.5"})
        own, copy = await one.report(t150="8", t797=""), await desk.report(t150="8", t103="13", t797="Y")
        assert own.text(17) == copy.text(17)
        one.send("F", {11: "C", 41: "B", 54: "1", 55: "ALPHA"})
        assert head(await desk.report(t11="C", t102="1"), 128) == "CLIENT1"
        one.send("q", {11: "Q", 530: "7"})
        await desk.report(t11="Q", t531="7")
        after = await copied(bus)
        await desk.cut()
    desk.session.renumber(Numbers(2, desk.session.numbers.next_out))
    async with floor(after, tmp_path / "after", SESSIONS) as port:
        await desk.connect(port)
        await desk.report(t150="8", t103="13", t17=own.text(17), t797="Y")
        assert head(await desk.report(t11="C", t102="1"), 128) == "CLIENT1"
        await desk.report(t11="Q", t531="7")


async def test_a_copy_that_could_not_be_stored_does_not_leave(tmp_path: Path) -> None:
    """Who watches is cut, comes back, and is sent it by resend, with a number that a start on the log agrees to."""
    bus, desk, one = DeafBus(wall_clock), Initiator("DESK"), Initiator("CLIENT1")
    async with floor(bus, tmp_path, SESSIONS) as port:
        await one.connect(port)
        await desk.connect(port)
        bus.is_deaf = True
        one.send("D", {11: "A", **BUY, 38: "1.5"})
        await one.report(t150="8")
        with pytest.raises(AssertionError, match="ended the connection"):
            await desk.message()
        await desk.cut()
        await desk.connect(port)
        await desk.report(t150="8", t103="13", t797="Y")
        await desk.cut()
        await one.cut()
    desk.session.renumber(Numbers(2, desk.session.numbers.next_out))
    async with floor(await copied(bus), tmp_path / "after", SESSIONS) as port:
        await desk.connect(port)
        await one.connect(port)
        one.send("D", {11: "B", **BUY})
        await desk.report(t150="8", t103="13", t797="Y")
        await desk.report(t150="0", t11="B", t797="Y")
