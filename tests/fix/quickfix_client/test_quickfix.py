"""A QuickFIX client trades with the exchange: the scripts of orders, and a kill in the middle."""

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fix.notation import Script, decoder
from fix.orders.order_notation import Player, scripts
from fix.quickfix_client.client import QuickFix
from venue import Venue

from stockex.core.fix.framing import SOH, Frame, Framer
from stockex.core.fix.message import Message, flat

SESSIONS = """
[[session]]
target = "CLIENT"
account = "MDT"
[[session]]
target = "OTHER"
account = "MDF"
[[session]]
target = "DROP"
account = "MDT"
drop_copy = ["MDT"]
"""
SECURITIES = "#SYMBOL\tSTART\tCURRENT\nZERO\t1.00\t1.00\nALPHA\t10.00\t10.00\n"
ONLY_INSIDE = {"engine", "hold", "obey", "wait", "settings", "<<"}
"""Lines that reach behind the wire, or play with time."""

KILLED_AT = (100, 250, 400)
"""After so many reports."""

FLOWS = [
    script
    for script in scripts(Path(__file__).parents[1] / "orders")
    if ONLY_INSIDE.isdisjoint(line.partition(" ")[0] for line in script.lines)
    and not any(line.startswith("<") and " 1=" in line for line in script.lines)
]
"""Scripts that know no account by its name."""


def venue_in(folder: Path) -> tuple[Venue, int]:
    """Return an exchange with a market that nobody else trades in, and its FIX port."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sessions.toml").write_text(SESSIONS)
    (folder / "securities.txt").write_text(SECURITIES)
    environment = {
        "STOCKEX_FIX_PORT": str(port),
        "STOCKEX_FIX_SESSIONS": str(folder / "sessions.toml"),
        "SECURITIES_FILE": str(folder / "securities.txt"),
        "STOCKEX_FEEDER_TICK_S": "3600",
        "CH_AI_INTERVAL": "86400",
    }
    return Venue(folder / "data", **environment), port


class Wire(Player):
    """Plays a script through QuickFIX. Ids are made unique, and the account is the session's."""

    def __init__(self, client: QuickFix, run: str) -> None:
        super().__init__()
        self.client = client
        self.run = run
        self.count = 0
        self.told: list[Message] = []

    def play(self, script: Script) -> None:
        """Play all lines, then cancel what is left on both sides; nothing else may have come."""
        for line in script.lines:
            verb, _, rest = line.partition(" ")
            if verb == ">":
                self._read(rest)
            elif verb == "<":
                self._message(rest)
            else:
                self._trade(rest)
        for name in ("CLIENT", "OTHER"):
            self.count += 1
            end = f"{self.run}E{self.count}"
            body = [(11, end), (60, "20261125-10:00:00"), (530, "7")]
            self.client.send(name, "q", body)
            kinds = Counter[str]()
            while "r" not in kinds:
                message = _message(self.client.message(name))
                kinds[message.msg_type] += 1
                assert message.msg_type == "r" or message.text(150) == "4", (name, message)

    def _take(self, msg_type: str, fields: str, *, head: str = "") -> None:
        """Send the client's message."""
        pairs = [(int(tag), value) for tag, _, value in (part.partition("=") for part in fields.split("|")[:-1])]
        named = [(tag, self.run + value if tag in {11, 41} else value) for tag, value in pairs]
        header = {int(tag): value for tag, _, value in (part.partition("=") for part in head.split("|")[:-1])}
        self.client.send("CLIENT", msg_type, named, header=header)

    def _trade(self, rest: str) -> None:
        """Let the other side enter a limit order, and read what it is told."""
        side, qty, _, price = rest.split()
        self.count += 1
        body = [
            (11, f"{self.run}O{self.count}"),
            (38, qty),
            (40, "2"),
            (44, price),
            (54, "1" if side == "buy" else "2"),
        ]
        self.client.send("OTHER", "D", [*body, (55, "ALPHA"), (60, "20261125-10:00:00")])
        _message(self.client.message("OTHER"))

    def _read(self, rest: str) -> None:
        """Hold the next report against the script."""
        message = _message(self.client.message("CLIENT"))
        self.told.append(message)
        if message.text(527):
            self.market.traded = message.text(527)
            _message(self.client.message("OTHER"))
        own = {tag: value.removeprefix(self.run) if tag in {11, 41} else value for tag, value in flat(message.body)}
        if own.get(1) == "MDT":
            own[1] = "CLIENT"
        self._check(Message(message.msg_type, message.header, own), rest)


def _message(text: str) -> Message:
    """Return a message that QuickFIX has handed over."""
    (frame,) = Framer().feed(text.encode("latin-1"))
    assert isinstance(frame, Frame), text
    message = decoder().decode(frame)
    assert isinstance(message, Message), message
    return message


@pytest.fixture(scope="module")
def flowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuickFix]:
    """Return a QuickFIX client of two sessions, connected to an exchange."""
    folder = tmp_path_factory.mktemp("quickfix")
    venue, port = venue_in(folder)
    with venue, QuickFix(["CLIENT", "OTHER", "DROP"], port=port, folder=folder) as client:
        yield client


@pytest.mark.parametrize("script", FLOWS, ids=[script.title for script in FLOWS])
def test_a_quickfix_client_is_told_what_the_script_says(flowing: QuickFix, script: Script) -> None:
    """The same scripts that the desk is held against, over the wire, without one fault in the session."""
    Wire(flowing, f"{FLOWS.index(script)}-").play(script)
    assert flowing.faults == []


def test_a_quickfix_session_is_sent_a_copy_of_every_report(flowing: QuickFix) -> None:
    """Field for field what the client is told, marked as a copy. QuickFIX, without a dictionary, knows no groups."""
    wire, copies = Wire(flowing, "copied-"), list[dict[int, str]]()
    wire.play(next(script for script in FLOWS if script.title.startswith("B.1.b")))
    while len(copies) < len(wire.told):
        fields = [field.partition("=") for field in flowing.message("DROP").split(SOH)[:-1]]
        copy = {int(tag): value for tag, _, value in fields}
        copies += [copy] if copy[11].startswith("copied-") else []
    for copy, original in zip(copies, wire.told, strict=True):
        assert copy | {tag: str(value) for tag, value in original.body.items()} | {797: "Y", 452: "36"} == copy
    assert flowing.faults == []


def test_there_are_flows_enough() -> None:
    """At least 24."""
    assert len(FLOWS) >= 24


@pytest.mark.crash
def test_a_client_recovers_every_report_when_the_exchange_is_killed(tmp_path: Path) -> None:
    """Killed with -9 three times amid a stream of orders: none is lost, none is told twice, each is in its order."""
    venue, port = venue_in(tmp_path)
    orders, told, sent = 600, list[str](), 0
    with venue, QuickFix(["CLIENT"], port=port, folder=tmp_path) as client:
        while len(told) < orders:
            if sent < orders:
                body = [(11, f"A{sent}"), (38, "1"), (40, "2"), (44, "9"), (54, "1"), (55, "ALPHA"), (59, "1")]
                client.send("CLIENT", "D", [*body, (60, "20261125-10:00:00")])
                sent += 1
            while (sent == orders > len(told)) or not client.found["CLIENT"].empty():
                message = _message(client.message("CLIENT"))
                assert message.text(150) == "0", message
                told.append(message.text(11))
                if len(told) in KILLED_AT:
                    venue.kill()
                    venue.start()
    assert told == [f"A{number}" for number in range(orders)]
    assert client.faults == []
