"""The gateway over real sockets: orders, sessions that come back, and counterparties that misbehave."""

import asyncio
import errno
import random
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from fix.floor import copied, floor
from fix.initiator import Initiator

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import DEFAULT, FixRate, FixSession, FixSessions
from stockex.bus.memory import MemoryBus
from stockex.core.fix.framing import framed
from stockex.core.fix.session.outputs import Numbers
from stockex.core.fix.times import stamp
from stockex.errors import ConfigurationError, LogError
from stockex.messages.codec import decode_record, entry_of
from stockex.messages.envelope import Entry
from stockex.messages.orders import ChangeSession, Disconnected, NewOrder
from stockex.messages.topics import Topic
from stockex.services.fix.building import clients_of, tls_of
from stockex.services.fix.gateway import Gateway
from stockex.services.fix.line import MOST_WAITING, Line
from stockex.services.fix.server import Server
from stockex.services.fix.service import FixGateway, Place
from stockex.vocabulary.enums import SessionAction

BUY = {55: "ALPHA", 54: "1", 38: "10", 40: "2", 44: "24.95"}
SELL = {**BUY, 54: "2"}
CERTIFICATE = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "fix.key",
    "-out",
    "fix.pem",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
]


pytestmark = pytest.mark.usefixtures("connections")


async def commands_in(bus: MemoryBus) -> list[object]:
    """Return the commands that the log holds."""
    return [decode_record(record) for record in await bus.last(Topic.ORDERS, 1_000)]


async def test_two_clients_trade(bus: MemoryBus, tmp_path: Path) -> None:
    """New comes from the engine; each side is told its own part."""
    async with floor(bus, tmp_path) as port:
        one, two = await Initiator("CLIENT1").connect(port), await Initiator("CLIENT2").connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t35="", t11="A", t150="0", t39="0", t54="1", t1="CLIENT1", t151="10")
        two.send("D", {11: "B", **SELL, 38: "4"})
        await two.report(t11="B", t150="0", t54="2", t1="CLIENT2")
        await two.report(t11="B", t150="F", t39="2", t32="4", t31="24.95")
        await one.report(t11="A", t150="F", t39="1", t14="4", t151="6")


async def test_a_session_that_comes_back_is_sent_all_that_it_missed(bus: MemoryBus, tmp_path: Path) -> None:
    """Also after the exchange was started anew on its log: each report once, in its order, with its number."""
    one, two = Initiator("CLIENT1"), Initiator("CLIENT2")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        await two.connect(port)
        one.send("D", {11: "A", **BUY, 59: "1"})
        await one.report(t150="0")
        await one.cut()
        two.send("D", {11: "B", **SELL, 38: "4"})
        await two.report(t150="0")
        await two.report(t150="F")
        await two.cut()
    async with floor(bus, tmp_path) as port:
        await two.connect(port)
        two.send("D", {11: "C", **SELL, 38: "6"})
        await two.report(t11="C", t150="0")
        await one.connect(port)
        await one.report(t11="A", t150="F", t14="4")
        await one.report(t11="A", t150="F", t39="2", t14="10")
        one.send("H", {11: "A", 55: "ALPHA", 54: "1", 60: ""})
        await one.report(t150="I", t39="2")


async def test_an_order_is_taken_once_however_often_it_is_sent(bus: MemoryBus, tmp_path: Path) -> None:
    """What was counted is not asked for again; a message with an old number is no new order."""
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")
        await one.cut()
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("D", {11: "A", **BUY}, header={97: "Y"})
        await one.report(t150="I", t39="0")
        orders = [command for command in await commands_in(bus) if isinstance(command, NewOrder)]
        assert [order.cl_ord_id for order in orders] == ["A"]


async def test_numbers_begin_anew_where_a_logon_says_so(bus: MemoryBus, tmp_path: Path) -> None:
    """And stay so after a restart: reports of before are not sent again."""
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("D", {11: "A", **BUY, 59: "1"})
        await one.report(t150="0")
        await one.cut()
        fresh = await Initiator("CLIENT1", resets=True).connect(port)
        assert fresh.session.numbers == Numbers(2, 2)
        fresh.send("F", {11: "B", 41: "A", 55: "ALPHA", 54: "1", 38: "10"})
        await fresh.report(t150="4", t41="A")
        await fresh.cut()
    async with floor(bus, tmp_path) as port:
        fresh.session.renumber(Numbers(2, fresh.session.numbers.next_out))
        fresh.session.settings = Initiator("CLIENT1").session.settings
        await fresh.connect(port)
        await fresh.report(t150="4", t41="A")


async def test_a_second_logon_of_a_session_is_refused(bus: MemoryBus, tmp_path: Path) -> None:
    """The first one goes on."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        with pytest.raises(AssertionError, match="ended the connection"):
            await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")


async def test_a_password_is_asked_for_where_one_is_set(bus: MemoryBus, tmp_path: Path) -> None:
    """A wrong one is answered with Logout."""
    sessions = FixSessions(sessions=(FixSession(target="CLIENT1", needs_password=True),))
    async with floor(bus, tmp_path, sessions) as port:
        for password in ("WRONG", ""):
            with pytest.raises(AssertionError, match="ended the connection"):
                await Initiator("CLIENT1", password=password).connect(port)
        one = Initiator("CLIENT1", password="CLIENT1")
        one.session.renumber(Numbers(3, 1))
        await one.connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")


async def test_heartbeats_have_bounds(bus: MemoryBus, tmp_path: Path) -> None:
    """A session without heartbeats would never notice that its client is gone."""
    async with floor(bus, tmp_path) as port:
        with pytest.raises(AssertionError, match="ended the connection"):
            await Initiator("CLIENT1", heartbeat_s=0).connect(port)


async def test_flagged_orders_end_with_the_session(bus: MemoryBus, tmp_path: Path) -> None:
    """Those with ExecInst Q and no others; the client is told when it is back."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY, 18: "Q"})
        one.send("D", {11: "B", **BUY})
        await one.report(t11="A", t150="0", t18="Q")
        await one.report(t11="B", t150="0")
        await one.cut()
        await one.connect(port)
        await one.report(t11="A", t150="4", t39="4", t378="7")
        one.send("H", {11: "B", 55: "ALPHA", 54: "1", 60: ""})
        await one.report(t11="B", t150="I", t39="0")


async def test_flagged_orders_end_when_the_exchange_was_killed(bus: MemoryBus, tmp_path: Path) -> None:
    """A session that was up when the process died is lost, too."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY, 18: "Q", 59: "1"})
        await one.report(t150="0")
        after = await copied(bus)
        await one.cut()
    async with floor(after, tmp_path) as port:
        await one.connect(port)
        await one.report(t150="4", t378="7")
    assert sum(isinstance(command, Disconnected) for command in await commands_in(after)) == 1


class FullBus(MemoryBus):
    """A log that takes nothing while it is full."""

    is_full = False

    async def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Append, or refuse."""
        if self.is_full and any(entry.topic is Topic.ORDERS for entry in entries):
            raise LogError("no room")
        return await super().append(entries)


async def test_orders_are_refused_while_the_log_takes_nothing(tmp_path: Path) -> None:
    """BusinessMessageReject, application not available; the id may be used again."""
    full = FullBus(wall_clock)
    async with floor(full, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        full.is_full = True
        one.send("D", {11: "A", **BUY})
        await one.report(t372="D", t380="4", t379="A")
        full.is_full = False
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0", t11="A")


async def test_a_connection_that_does_not_log_on_is_cut(bus: MemoryBus, tmp_path: Path) -> None:
    """Whatever else it says first."""
    async with floor(bus, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        text = f"35=0|34=1|49=CLIENT1|52={stamp(wall_clock())}|56=FIX_SERVER|"
        writer.write(framed(text.replace("|", "\x01")))
        assert await reader.read() == b""
        writer.close()


async def test_a_message_that_is_not_taken_is_refused(bus: MemoryBus, tmp_path: Path) -> None:
    """Unsupported message type, and the session goes on."""
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("z", {320: "1", 559: "4", 60: ""})
        await one.report(t380="3", t372="z")
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")


async def test_a_message_over_the_rate_is_refused(bus: MemoryBus, tmp_path: Path) -> None:
    """Exactly as many pass as were agreed; what is refused is not counted as used."""
    session = FixSession(target="CLIENT1", rate=FixRate(most=3, per_s=60))
    async with floor(bus, tmp_path, FixSessions(sessions=(session,))) as port:
        one = await Initiator("CLIENT1").connect(port)
        for number in range(5):
            one.send("D", {11: f"A{number}", **BUY})
        found = [await one.message() for _ in range(5)]
        told = sorted((message.msg_type, message.text(11) or message.text(379)) for message in found)
        assert told == [("8", "A0"), ("8", "A1"), ("8", "A2"), ("j", "A3"), ("j", "A4")]
        assert {message.text(58) for message in found} == {"", "throttled: at most 3 messages in 60 s"}
        assert len([each for each in await commands_in(bus) if isinstance(each, NewOrder)]) == 3


async def test_a_message_over_the_rate_may_wait_and_is_not_lost_in_a_crash(bus: MemoryBus, tmp_path: Path) -> None:
    """It does not count as received until its turn: the client is asked for it when it is back."""
    session = FixSession(target="CLIENT1", rate=FixRate(most=2, per_s=60, waits=True))
    one = Initiator("CLIENT1")
    async with floor(bus, tmp_path, FixSessions(sessions=(session,))) as port:
        await one.connect(port)
        for number in range(3):
            one.send("D", {11: f"A{number}", **BUY, 59: "1"})
        await one.report(t11="A0", t150="0")
        await one.report(t11="A1", t150="0")
        await one.cut()
    async with floor(bus, tmp_path, FixSessions(sessions=(session,))) as port:
        await one.connect(port)
        await one.report(t11="A2", t150="0")
        orders = [each.cl_ord_id for each in await commands_in(bus) if isinstance(each, NewOrder)]
        assert orders == ["A0", "A1", "A2"]


async def test_what_waits_passes_when_its_time_has_come(bus: MemoryBus, tmp_path: Path) -> None:
    """All of it, in its order, and the session lives on."""
    session = FixSession(target="CLIENT1", rate=FixRate(most=1, waits=True))
    async with floor(bus, tmp_path, FixSessions(sessions=(session,))) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY})
        one.send("F", {11: "B", 41: "A", 55: "ALPHA", 54: "1", 38: "10"})
        await one.report(t11="A", t150="0")
        await one.report(t11="B", t41="A", t150="4")


async def test_flagged_orders_and_no_others_end_in_200_disconnects(bus: MemoryBus, tmp_path: Path) -> None:
    """Each time the flagged one is canceled and the other one stands."""
    async with floor(bus, tmp_path) as port:
        one = Initiator("CLIENT1")
        for turn in range(200):
            await one.connect(port)
            if turn:
                await one.report(t11=f"Q{turn - 1}", t150="4", t378="7")
            one.send("D", {11: f"Q{turn}", **BUY, 38: "1", 18: "Q"})
            one.send("D", {11: f"S{turn}", **BUY, 38: "1", 44: "0.01"})
            await one.report(t11=f"Q{turn}", t150="0")
            await one.report(t11=f"S{turn}", t150="0")
            await one.cut()
        await one.connect(port)
        await one.report(t11="Q199", t150="4")
        one.send("AF", {584: "S", 585: "7", 60: ""})
        found = [await one.message() for _ in range(200)]
        assert [message.text(11) for message in found] == [f"S{turn}" for turn in range(200)]
        assert found[-1].text(912) == "Y"


async def test_a_list_keeps_its_name_after_a_restart(bus: MemoryBus, tmp_path: Path) -> None:
    """Reports of its orders carry ListID, also those that are made again."""
    one = Initiator("CLIENT1")
    legs = ({11: "A", 67: "1", **SELL, 44: "30"}, {11: "B", 67: "2", **SELL, 44: "", 40: "3", 99: "20"})
    entries = tuple({tag: value for tag, value in leg.items() if value} for leg in legs)
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        one.send("E", {60: "", 66: "L", 68: "2", 69: "OCO", 394: "3", 73: entries})
        await one.report(t66="L", t431="2", t73="2")
        await one.cut()
    async with floor(bus, tmp_path) as port:
        await one.connect(port)
        await one.report(t11="A", t150="0", t66="L")
        await one.report(t11="B", t150="0", t66="L")
        one.send("M", {66: "L", 60: ""})
        await one.report(t66="L", t431="3", t73="2")


async def test_numbers_begin_anew_when_the_day_has_ended(bus: MemoryBus, tmp_path: Path) -> None:
    """The client hears what became of its orders, then Logout; the next session begins with 1."""
    sessions = FixSessions(sessions=(FixSession(target="CLIENT1", rolls_daily=True),))
    end = entry_of(ChangeSession(action=SessionAction.END, account="OPERATOR"))
    async with floor(bus, tmp_path, sessions) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY})
        one.send("D", {11: "B", **BUY, 59: "1"})
        await one.report(t11="A", t150="0")
        await one.report(t11="B", t150="0")
        await bus.append([end])
        await one.report(t11="A", t150="C")
        with pytest.raises(AssertionError, match="ended the connection"):
            await one.message()
        two = await Initiator("CLIENT1").connect(port)
        assert two.session.numbers == Numbers(2, 2)
        two.send("F", {11: "C", 41: "B", 55: "ALPHA", 54: "1", 38: "10"})
        await two.report(t11="C", t150="4")
        await two.cut()
    async with floor(bus, tmp_path, sessions) as port:
        await two.connect(port)
        two.send("H", {11: "B", 55: "ALPHA", 54: "1", 60: ""})
        await two.report(t11="B", t150="I", t39="4")


async def test_a_roll_that_a_crash_left_out_is_made_up_for(bus: MemoryBus, tmp_path: Path) -> None:
    """The day ended while the gateway was away: its sessions begin with 1 all the same, and only once."""
    never = FixSessions(sessions=(FixSession(target="CLIENT1"),))
    sessions = FixSessions(sessions=(FixSession(target="CLIENT1", rolls_daily=True),))
    async with floor(bus, tmp_path, never) as port:
        one = await Initiator("CLIENT1").connect(port)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")
        await one.cut()
    await bus.append([entry_of(ChangeSession(action=SessionAction.END, account="OPERATOR"))])
    two = Initiator("CLIENT1")
    for number in range(2):
        async with floor(bus, tmp_path, sessions) as port:
            await two.connect(port)
            if not number:
                assert two.session.numbers == Numbers(2, 2)
            two.send("H", {11: "A", 55: "ALPHA", 54: "1", 60: ""})
            await two.report(t11="A", t150="I", t39="C")
            await two.cut()


async def test_the_executions_of_open_orders_are_needed(bus: MemoryBus, tmp_path: Path) -> None:
    """From the oldest one on; without one nothing below the end is."""
    clients = clients_of(DEFAULT, verify=lambda *_: True, demo=True)
    gateway = Gateway(bus, clients, clock=wall_clock)
    async with floor(bus, tmp_path) as port:
        one = await Initiator("CLIENT1").connect(port)
        for name in ("A", "B", "C"):
            one.send("D", {11: name, **BUY})
            await one.report(t150="0")
        one.send("F", {11: "D", 41: "A", 55: "ALPHA", 54: "1", 38: "10"})
        await one.report(t150="4")
        facts = [decode_record(record) for record in await bus.last(Topic.EXECUTIONS, 100)]
        following = asyncio.create_task(gateway.serve())
        await gateway.ready()
        assert facts[gateway.needed()] == next(fact for fact in facts if getattr(fact, "cl_ord_id", "") == "B")
        one.send("q", {11: "E", 530: "7"})
        for _ in range(3):
            await one.message()
        following.cancel()
        after = Gateway(bus, clients_of(DEFAULT, verify=lambda *_: True, demo=True), clock=wall_clock)
        following = asyncio.create_task(after.serve())
        await after.ready()
        assert after.needed() == await bus.end(Topic.EXECUTIONS)
        following.cancel()
        await asyncio.wait({following})


async def test_a_session_may_be_encrypted(bus: MemoryBus, tmp_path: Path) -> None:
    """With the certificate that was set; a key that does not fit is told at the start."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there")
    subprocess.run(CERTIFICATE, cwd=tmp_path, capture_output=True, check=True)  # noqa: ASYNC221, S603 (once)
    tls = tls_of(tmp_path / "fix.pem", tmp_path / "fix.key")
    with pytest.raises(ConfigurationError, match="STOCKEX_FIX_CERTIFICATE"):
        tls_of(tmp_path / "fix.pem", tmp_path / "fix.pem")
    async with floor(bus, tmp_path, tls=tls) as port:
        trust = ssl.create_default_context(cafile=str(tmp_path / "fix.pem"))
        one = await Initiator("CLIENT1").connect(port, tls=trust)
        one.send("D", {11: "A", **BUY})
        await one.report(t150="0")


async def test_a_counterparty_that_does_not_read_is_cut() -> None:
    """When 8 MiB wait for it; nobody waits with them."""
    ended = asyncio.Event()

    async def never_read(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async with await asyncio.start_server(never_read, "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        line = Line(writer)
        for _ in range(64):
            line.send(b"x" * 2**20)
        assert writer.transport.is_closing()
        assert line.waiting < 2 * MOST_WAITING
        ended.set()
        writer.close()


async def test_a_network_that_fails_ends_one_connection_only(bus: MemoryBus) -> None:
    """Whatever the system calls the fault."""
    clients = clients_of(DEFAULT, verify=lambda *_: True, demo=True)
    server = Server(Gateway(bus, clients, clock=wall_clock), clock=wall_clock)
    for fault in (OSError(errno.EHOSTUNREACH, "no route"), TimeoutError(), ConnectionResetError(), ssl.SSLError()):
        async with await asyncio.start_server(lambda _, there: there.close(), "127.0.0.1", 0) as other:
            reader, writer = await asyncio.open_connection(*other.sockets[0].getsockname())
            reader.set_exception(fault)
            await server._visit(reader, writer)
            assert writer.transport.is_closing()


async def test_noise_on_one_session_leaves_the_other_alone(bus: MemoryBus, tmp_path: Path) -> None:
    """1,000 orders with a byte changed or lost, framed anew or not: each session counts on, and both trade after it."""
    dice = random.Random(7)
    async with floor(bus, tmp_path) as port:
        two = await Initiator("CLIENT2").connect(port)
        for turn in range(10):
            one = await Initiator("CLIENT1", resets=True).connect(port)
            for number in range(2, 102):
                text = f"35=D|34={number}|49=CLIENT1|52={stamp(wall_clock())}|56=FIX_SERVER|11=N{turn}-{number}|"
                body = bytearray(f"{text}38=1|40=2|44=9|54=1|55=ALPHA|60={stamp(wall_clock())}|".encode())
                place = dice.randrange(4, len(body) - 1)
                if dice.random() < 0.5:
                    body[place] = dice.randrange(1, 256)
                else:
                    del body[place]
                whole = framed(body.decode("latin-1").replace("|", "\x01"))
                one.write(whole if dice.random() < 0.8 else whole[: dice.randrange(len(whole))])
            await one.cut()
        two.send("D", {11: "A", **BUY})
        await two.report(t11="A", t150="0")
        one = await Initiator("CLIENT1", resets=True).connect(port)
        one.send("D", {11: "Z", **SELL})
        while (await one.message()).text(11) != "Z":
            pass
        await two.report(t11="A", t150="F")


async def test_a_port_that_is_taken_means_no_fix_or_no_start(bus: MemoryBus, tmp_path: Path) -> None:
    """The usual port is given up with a line; one that was asked for is a fault that names it."""
    said: list[str] = []
    async with floor(bus, tmp_path) as port:
        for is_optional in (True, False):
            place = Place("127.0.0.1", port, is_optional=is_optional)
            clients = clients_of(DEFAULT, verify=lambda *_: True, demo=True)
            other = FixGateway(MemoryBus(wall_clock), clients, place=place, clock=wall_clock, say=said.append)
            if is_optional:
                await other.serve()
                assert other.needed() > 2**60
            else:
                with pytest.raises(ExceptionGroup) as raised:
                    await other.serve()
                assert raised.group_contains(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port} for FIX")
    assert [line.partition(":")[0] for line in said] == ["fix        off"]
