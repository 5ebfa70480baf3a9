"""Our own client under certification: it does what the venue's News asks for, right, or wrong in one way on purpose."""

import asyncio
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from stockex.adapters.clock import wall_clock
from stockex.core.fix.client import orders
from stockex.core.fix.client.blotter import Blotter, OrderLine
from stockex.core.fix.decode import Decoder
from stockex.core.fix.framing import SOH, Frame, Framer
from stockex.core.fix.message import Fields, Message, flat, head
from stockex.core.fix.times import stamp
from stockex.fix_client.heard import Delivered, Happening, Heard, Said
from stockex.fix_client.initiator import Initiator, dictionary

FAULTS: Final = {
    "deaf": "answers no TestRequest",
    "greedy": "never asks for what it missed",
    "forgetful": "uses a ClOrdID twice",
    "confused": "names an order by the ClOrdID that it was entered with, also after a replacement",
    "sloppy": "sends every fifth message of the application with a wrong CheckSum",
    "blind": "takes no execution report into its book",
}
"""What a client can be made to do wrong, to see that it fails by it."""

_TAKEN: Final = frozenset({"8", "9", "B", "N", "W", "X", "Y", "f", "h", "j", "r", "y", "AE", "AQ"})
_SLOPPY: Final = 5


class RobotClient(Initiator):
    """An initiator whose bytes can be spoilt on their way out."""

    fault = ""
    _count = 0

    def _say(self, data: bytes) -> None:
        is_answer = b"\x0135=0\x01" in data and b"\x01112=" in data
        if (self.fault == "deaf" and is_answer) or (self.fault == "greedy" and b"\x0135=2\x01" in data):
            return
        if self.fault == "sloppy" and re.search(rb"\x0135=[DFGHq]\x01", data):
            self._count += 1
            if self._count % _SLOPPY == 0:
                data = b"%b%03d\x01" % (data[:-4], (int(data[-4:-1]) + 1) % 256)
        super()._say(data)


class Robot:
    """Obeys the News of a venue."""

    def __init__(self, client: RobotClient, *, fault: str = "") -> None:
        client.fault = fault
        client.listen(self._hear)
        self._client = client
        self._fault = fault
        self._blotter = Blotter()
        self._decoder = Decoder(dictionary(), takes_user_fields=True)
        self._mark = f"R{wall_clock() // 1_000_000:X}"
        self._count = 0
        self._leaving: asyncio.Task[None] | None = None
        self._obeys: Mapping[str, Callable[[str], None]] = {
            "new": self._new,
            "list": self._list,
            "cancel": self._cancel,
            "replace": self._replace,
            "status": self._status,
            "mass_cancel": self._mass_cancel,
            "mass_status": self._mass_status,
            "send": self._send,
            "tell": self._tell,
            "logout": self._logout,
        }

    def _hear(self, happening: Happening) -> None:
        match happening:
            case Said(at, data):
                for frame in Framer().feed(data):
                    message = self._decoder.decode(frame) if isinstance(frame, Frame) else None
                    if isinstance(message, Message) and head(message, 43) != "Y":
                        self._blotter.said(message, at)
            case Heard(at, _, Message(msg_type="3") as message):
                self._blotter.rejected(message, at)
            case Delivered(at, message):
                self._take(message, at)
            case _:
                pass

    def _take(self, message: Message, at: int) -> None:
        fields = dict(flat(message.body))
        if message.msg_type == "B" and fields[148].startswith("CERTIFY"):
            verb, _, rest = fields[58].partition(" ")
            if verb in self._obeys:
                self._obeys[verb](rest)
        elif message.msg_type not in _TAKEN:
            refused = {45: head(message, 34), 58: "not taken here", 372: message.msg_type, 380: "3"}
            self._client.send("j", refused)
        elif self._fault != "blind":
            self._blotter.heard(message, at)

    def _fresh(self) -> str:
        if self._fault != "forgetful" or not self._count:
            self._count += 1
        return f"{self._mark}-{self._count}"

    @property
    def _line(self) -> OrderLine:
        """The order that was entered last."""
        return list(self._blotter.orders.values())[-1]

    @property
    def _orig(self) -> str:
        return self._line.key if self._fault == "confused" else self._line.cl_ord_id

    def _new(self, text: str) -> None:
        self._client.send("D", {**_tags(text), 11: self._fresh(), 21: "1", 60: stamp(wall_clock())})

    def _list(self, text: str) -> None:
        legs = [_tags(leg) for leg in text.split(" / ")]
        entries: list[Fields] = [
            {
                11: self._fresh(),
                67: str(number),
                **{tag: leg[tag] for tag in (55, 54, 38, 40, 44, 99, 59) if tag in leg},
            }
            for number, leg in enumerate(legs, start=1)
        ]
        self._client.send("E", {66: self._fresh(), 394: "3", 68: str(len(legs)), 73: tuple(entries)})

    def _cancel(self, _: str) -> None:
        request = orders.cancel_of(
            self._line.terms, orig_cl_ord_id=self._orig, cl_ord_id=self._fresh(), at=wall_clock()
        )
        self._client.send(*request)

    def _replace(self, text: str) -> None:
        terms = {**self._line.terms, **_tags(text)}
        request = orders.replacement_of(terms, orig_cl_ord_id=self._orig, cl_ord_id=self._fresh(), at=wall_clock())
        self._client.send(*request)

    def _status(self, _: str) -> None:
        self._client.send(*orders.status_of(self._line.terms, cl_ord_id=self._orig))

    def _mass_cancel(self, text: str) -> None:
        which = _tags(text)
        body = {11: self._fresh(), 530: "1" if 55 in which else "7", 60: stamp(wall_clock()), **which}  # noqa: PLR2004
        self._client.send("q", body)

    def _mass_status(self, _: str) -> None:
        self._client.send(*orders.mass_status_request(self._fresh()))

    def _send(self, text: str) -> None:
        msg_type, _, body = text.partition(" ")
        self._client.utter(msg_type, body.replace(";", SOH) + SOH)

    def _tell(self, _: str) -> None:
        line = self._line
        average = f"{Decimal(line.average).normalize():f}"
        text = f"status={line.status} cum={line.cum} leaves={line.leaves} avg={average}"
        self._client.send("B", {148: "CERTIFY", 33: ({58: text},)})

    def _logout(self, _: str) -> None:
        self._leaving = asyncio.get_running_loop().create_task(self._client.leave())


def _tags(text: str) -> dict[int, str]:
    return {int(tag): value for tag, value in (word.split("=", 1) for word in text.split())}
