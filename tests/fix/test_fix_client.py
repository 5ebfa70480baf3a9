"""The client against the conformance server, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fix.serving import served

from stockex.core.fix.framing import SOH
from stockex.core.fix.message import head
from stockex.core.fix.session.outputs import Numbers
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.table import State
from stockex.errors import FixError, LogonRefused, NotLoggedOn, VenueUnreachable
from stockex.fix_client.heard import Down, Happening, Heard, Noise, Renumbered, Said, Up
from stockex.fix_client.inbox import Inbox
from stockex.fix_client.initiator import Initiator, Venue

VENUE = SessionSettings(sender="VENUE", target="CLIENT")
OURS = SessionSettings(sender="CLIENT", target="VENUE")
ORDER = {11: "A", 21: "1", 40: "1", 54: "1", 55: "ALPHA", 38: "10", 60: "20261201-10:00:00"}


@asynccontextmanager
async def joined(
    *, settings: SessionSettings = OURS, venue: SessionSettings = VENUE
) -> AsyncIterator[tuple[Initiator, Inbox]]:
    """A client that is logged on, and its inbox; it logs out at the end."""
    async with served([venue]) as port:
        client = Initiator(Venue("127.0.0.1", port), settings)
        with Inbox(client) as inbox:
            await client.connect()
            yield client, inbox
            await client.leave()


async def test_an_order_comes_back() -> None:
    """Logon, a message out, a message in, Logout: numbers on both sides are right."""
    async with joined() as (client, inbox):
        assert client.send("D", ORDER) == 2
        message = await inbox.next("D", tag11="A")
        assert message.text(55) == "ALPHA"
        assert client.numbers == Numbers(3, 3)
        await client.leave()
        assert client.numbers == Numbers(4, 4)
        assert client.state is State.DISCONNECTED


async def test_a_listener_hears_everything_in_its_order() -> None:
    """Bytes both ways, what became of the session, the end and why."""
    heard: list[Happening] = []
    async with served([VENUE]) as port:
        client = Initiator(Venue("127.0.0.1", port), OURS)
        client.listen(heard.append)
        await client.connect()
        await client.leave()
    kinds = [type(each) for each in heard if not isinstance(each, Renumbered)]
    assert kinds == [Said, Heard, Up, Said, Heard, Down]
    assert [each.why for each in heard if isinstance(each, Down)] == ["logged out"]
    logon = heard[1]
    assert isinstance(logon, Said)
    assert logon.data.startswith(f"8=FIX.4.4{SOH}9=".encode())
    assert f"{SOH}35=A{SOH}34=1{SOH}49=CLIENT{SOH}".encode() in logon.data


async def test_the_logon_carries_user_and_password() -> None:
    """553 and 554, ascending by tag with what the session says itself."""
    sent: list[bytes] = []
    settings = SessionSettings(sender="CLIENT", target="VENUE", heartbeat_s=15, logon={553: "me", 554: "secret"})
    async with served([VENUE]) as port:
        client = Initiator(Venue("127.0.0.1", port), settings)
        client.listen(lambda each: sent.append(each.data) if isinstance(each, Said) else None)
        await client.connect()
        await client.leave()
    assert b"\x0198=0\x01108=15\x01553=me\x01554=secret\x0110=" in sent[0]


async def test_what_was_sent_while_the_line_was_down_comes_after_all() -> None:
    """The line breaks, the client connects again with its numbers, and the venue's resend brings what it missed."""
    async with joined() as (client, inbox):
        client.send("D", ORDER)
        await inbox.next("D", tag11="A")
        client.renumber(Numbers(2, client.numbers.next_out))
        client.drop()
        await client.closed()
        await client.connect()
        again = await inbox.next("D", tag11="A")
        assert head(again, 43) == "Y"


async def test_the_venue_asks_for_what_it_never_got() -> None:
    """A number that is skipped makes a gap: the venue asks, and the answer fills it."""
    async with joined() as (client, inbox):
        client.renumber(Numbers(client.numbers.expected, 5))
        client.send("D", ORDER)
        assert (await inbox.next("D")).text(11) == "A"


async def test_a_message_of_ones_own_hand() -> None:
    """Sound or not it goes out as it stands, under the next number; a Reject says what is wrong."""
    rejects: list[str] = []
    async with joined() as (client, inbox):
        client.listen(lambda each: rejects.append(each.message.msg_type) if isinstance(each, Heard) else None)
        assert client.utter("D", f"55=ALPHA{SOH}55=ALPHA{SOH}") == 2
        assert client.utter("1", f"112=ping{SOH}") == 3
        client.send("D", ORDER)
        await inbox.next("D")
    assert rejects[:3] == ["3", "0", "D"]


async def test_a_sequence_reset_of_ones_own_hand_moves_the_numbers() -> None:
    """The next message has the number that it says, and the venue takes it."""
    async with joined() as (client, inbox):
        client.utter("4", f"36=40{SOH}")
        assert client.send("D", ORDER) == 40
        await inbox.next("D")


async def test_settings_change_between_connections() -> None:
    """The numbers go on, unless the new settings begin anew."""
    async with served([VENUE]) as port:
        client = Initiator(Venue("127.0.0.1", port), OURS)
        await client.connect()
        await client.leave()
        client.set_up(client.venue, SessionSettings(sender="CLIENT", target="VENUE", resets_on_logon=True))
        await client.connect()
        assert client.numbers == Numbers(2, 2)
        assert client.is_up
        await client.leave()


async def test_a_logon_that_is_refused_says_why() -> None:
    """The venue's own words, or that it hung up; then the client may try again."""
    async with served([VENUE]) as port:
        client = Initiator(Venue("127.0.0.1", port), OURS)
        await client.connect()
        await client.leave()
        client.renumber(Numbers(1, 1))
        with pytest.raises(LogonRefused, match="MsgSeqNum too low, expecting 3 but received 1"):
            await client.connect()
        stranger = Initiator(Venue("127.0.0.1", port), SessionSettings(sender="NOBODY", target="VENUE"))
        with pytest.raises(LogonRefused, match="no logon: they ended the connection"):
            await stranger.connect()


async def test_a_venue_that_is_not_there_is_named() -> None:
    """With its address and the system's reason."""
    async with served([VENUE]) as port:
        pass
    client = Initiator(Venue("127.0.0.1", port), OURS)
    with pytest.raises(VenueUnreachable, match=f"cannot reach 127.0.0.1:{port}"):
        await client.connect()


async def test_nothing_goes_out_before_the_logon() -> None:
    """Sending while the session is down is a fault that names itself."""
    client = Initiator(Venue("127.0.0.1", 1), OURS)
    with pytest.raises(NotLoggedOn):
        client.send("D", ORDER)


async def test_who_waits_learns_that_the_line_broke() -> None:
    """An inbox does not wait for what cannot come."""
    async with joined() as (client, inbox):
        waiting = asyncio.create_task(inbox.next("8"))
        await asyncio.sleep(0)
        client.drop()
        with pytest.raises(FixError, match="ended before 8"):
            await waiting


async def test_a_client_that_stays_comes_back_by_itself() -> None:
    """After the venue has died and come back at the same port."""
    states: asyncio.Queue[Happening] = asyncio.Queue()
    async with served([VENUE]) as port:
        client = Initiator(Venue("127.0.0.1", port), OURS)
        client.listen(lambda each: states.put_nowait(each) if isinstance(each, Up | Down) else None)
        staying = asyncio.create_task(client.stay(pause_s=0.01))
        assert isinstance(await states.get(), Up)
    client.drop()
    assert isinstance(await states.get(), Down)
    client.renumber(Numbers(1, 1))
    async with served([VENUE], port=port):
        while not isinstance(await states.get(), Up):
            pass
        staying.cancel()
        await client.leave()


async def test_noise_is_told_with_its_bytes() -> None:
    """What is no message is shown as it came."""
    noises: list[Noise] = []

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"8=FIX.4.4\x019=5\x0135=0\x0110=000\x01")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        client = Initiator(Venue("127.0.0.1", server.sockets[0].getsockname()[1]), OURS)
        client.listen(lambda each: noises.append(each) if isinstance(each, Noise) else None)
        with pytest.raises(LogonRefused):
            await client.connect()
    assert [(each.why, each.data[-7:]) for each in noises] == [("CheckSum", b"10=000\x01")]
