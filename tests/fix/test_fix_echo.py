"""The conformance server: its application, and one conversation over a real socket."""

import asyncio

import pytest
from fix.notation import decoder
from fix.serving import served

from stockex.adapters.clock import wall_clock
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Message
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import stamp
from stockex.errors import ConfigurationError
from stockex.services.fix_echo import EchoApplication, EchoServer

ORDER = "11=A|21=3|40=1|54=1|55=INTC|60=20261125-10:00:00|"


def message(text: str) -> Message:
    """Return the message of a text with the usual header."""
    head = "34=2|49=TW|52=20261125-10:00:00|56=ISLD|"
    msg_type, _, rest = text.partition("|")
    found = decoder().decode(Frame("FIX.4.4", f"{msg_type}|{head}{rest}".replace("|", SOH)))
    assert isinstance(found, Message), found
    return found


def test_orders_go_back_as_they_came() -> None:
    """Type and body are the same; of the header, what is not the session's own."""
    order = message(f"35=D|97=N|50=DESK|{ORDER}")
    assert EchoApplication().answer(order) == ("D", order.body, {97: "N", 50: "DESK"})


def test_an_order_goes_back_the_way_it_came() -> None:
    """OnBehalfOf becomes DeliverTo."""
    answer = EchoApplication().answer(message(f"35=D|115=JCD|{ORDER}"))
    assert answer is not None
    assert answer[2] == {128: "JCD"}


def test_a_security_definition_goes_back() -> None:
    """35=d is the other message that is sent back."""
    definition = message("35=d|320=1|322=2|323=6|55=TBS|454=0|")
    assert EchoApplication().answer(definition) == ("d", definition.body, {})


def test_an_order_sent_again_is_skipped_only_if_it_was_seen() -> None:
    """PossResend=Y with a known ClOrdID brings nothing; after a reset it is unknown."""
    application = EchoApplication()
    again = message(f"35=D|97=Y|{ORDER}")
    assert application.answer(again) is not None
    assert application.answer(again) is None
    assert application.answer(message(f"35=D|{ORDER}")) is not None
    application.begin()
    assert application.answer(again) is not None


def test_any_other_message_is_refused() -> None:
    """BusinessMessageReject with reason 3."""
    answer = EchoApplication().answer(message("35=B|148=News|33=1|58=x|"))
    assert answer == ("j", {45: "2", 58: "Unsupported Message Type", 372: "B", 380: "3"}, {})


class Client:
    """One connection to a server, message by message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.framer = reader, writer, Framer()
        self.frames: list[Frame] = []

    async def say(self, msg_type: str, number: int, body: str = "") -> None:
        """Send a message."""
        text = f"35={msg_type}|34={number}|49=TW|52={stamp(wall_clock())}|56=ISLD|{body}"
        self.writer.write(framed(text.replace("|", SOH)))
        await self.writer.drain()

    async def hear(self) -> str:
        """Return the next message without its times, "" at the end of the connection."""
        while not self.frames:
            data = await self.reader.read(4096)
            if not data:
                return ""
            self.frames += [frame for frame in self.framer.feed(data) if isinstance(frame, Frame)]
        parts = self.frames.pop(0).text.split(SOH)
        return "|".join(part for part in parts if not part.startswith(("52=", "60=")))


async def test_a_conversation_over_a_socket() -> None:
    """Logon, an order back, a second connection refused, what is asked for again, Logout, the connection's end."""
    async with served([SessionSettings(sender="ISLD", target="TW", resets_on_logon=True)]) as port:
        await _converse(port)


async def _converse(port: int) -> None:
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    await client.say("A", 1, "98=0|108=30|")
    assert await client.hear() == "35=A|34=1|49=ISLD|56=TW|98=0|108=30|"
    await client.say("D", 2, ORDER)
    assert await client.hear() == "35=D|34=2|49=ISLD|56=TW|11=A|21=3|40=1|54=1|55=INTC|"
    second = Client(*await asyncio.open_connection("127.0.0.1", port))
    await second.say("A", 1, "98=0|108=30|")
    assert await second.hear() == ""
    await client.say("2", 3, "7=1|16=0|")
    assert (await client.hear()).startswith("35=4|34=1|43=Y|49=ISLD|56=TW|122=")
    resent = await client.hear()
    assert resent.startswith("35=D|34=2|43=Y|49=ISLD|56=TW|122=")
    await client.say("5", 4)
    assert await client.hear() == "35=5|34=3|49=ISLD|56=TW|"
    assert await client.hear() == ""
    for each in (client, second):
        each.writer.close()
        await each.writer.wait_closed()


async def test_an_address_that_is_taken_is_named() -> None:
    """The second server on a port ends with a sentence."""
    async with served([]) as port:
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            await EchoServer([]).serve("127.0.0.1", port, say=lambda _: None)
