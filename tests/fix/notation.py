"""Scripts of FIX sessions, and their playing under virtual time. README.md explains the notation."""

import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from stockex.adapters.fix_dictionary import fix44
from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Message
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, LoggedOn, LoggedOut, Noted, Numbers, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import SECOND, nanos_of, stamp

START: int = nanos_of("20261125-10:00:00")
OURS, THEIRS = "STOCKEX", "CLIENT"
HIDDEN = {"49": OURS, "56": THEIRS}


class Script(msgspec.Struct):
    """One scenario: its number and claim, and its lines."""

    title: str
    lines: list[str]


def scripts() -> Iterator[Script]:
    """Yield every script of the folder."""
    for path in sorted(Path(__file__).parent.glob("*.txt")):
        for part in re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, *lines = part.splitlines()
            yield Script(title, [line.strip() for line in lines if line.strip() and not line.startswith("#")])


@cache
def decoder() -> Decoder:
    """Return a decoder of FIX 4.4, one for all: its shapes change no result."""
    return Decoder(Dictionary.from_text(fix44()))


class Player:
    """Plays one script: what goes in by the script, what comes out against it."""

    def __init__(self) -> None:
        self.at = START
        self.settings = SessionSettings(sender=OURS, target=THEIRS)
        self.connections: dict[str, Connection] = {}
        self.found: deque[str] = deque()
        self.session: Session | None = None

    def play(self, script: Script) -> None:
        """Play all lines; nothing may be left over at the end."""
        for line in script.lines:
            match = re.fullmatch(r"(?:(\d) )?(\S+) ?(.*)", line)
            assert match is not None
            name, verb, rest = match[1] or "1", match[2], match[3]
            if verb in {">", "app", "up", "down", "cut"}:
                found = self.found.popleft() if self.found else "nothing"
                assert found == line.rstrip(), f"expected {line}, found {found}, then {list(self.found)}"
                continue
            assert not self.found, f"before {line}: {list(self.found)}"
            getattr(self, "_" + VERBS.get(verb, verb))(name, rest)
        assert not self.found, list(self.found)

    def _settings(self, _: str, rest: str) -> None:
        given = dict(word.split("=") for word in rest.split())
        self.settings = msgspec.convert(
            {"sender": OURS, "target": THEIRS, **given, **_pair(given)}, SessionSettings, strict=False
        )

    def _connect(self, name: str, _: str) -> None:
        self.connections[name] = Connection(self._acceptor(), self.at)

    def _dial(self, name: str, _: str) -> None:
        acceptor = self._acceptor()
        self.connections[name] = Connection(acceptor, self.at)
        self._done(name, self.connections[name].dial(self._own(), self.at))

    def _acceptor(self) -> Acceptor:
        return Acceptor([self._own()], decoder())

    def _own(self) -> Session:
        if self.session is None:
            self.session = Session(self.settings)
        return self.session

    def _message(self, name: str, rest: str) -> None:
        """Take a message with the usual header."""
        msg_type, number, *body = rest.split(" ", 2)
        text = f"35={msg_type}|34={number}|49={THEIRS}|52=<NOW>|56={OURS}|{''.join(part + '|' for part in body)}"
        self._feed(name, framed(self._timed(text)))

    def _text(self, name: str, rest: str) -> None:
        """Take a frame around a text."""
        self._feed(name, framed(self._timed(rest)))

    def _bytes(self, name: str, rest: str) -> None:
        """Take bytes as they stand."""
        self._feed(name, self._timed(rest).encode("latin-1"))

    def _timed(self, text: str) -> str:
        now = re.sub(r"<NOW([+-]\d+)?>", lambda match: stamp(self.at + int(match[1] or 0) * SECOND), text)
        return now.replace("|", SOH)

    def _feed(self, name: str, data: bytes) -> None:
        connection = self.connections[name]
        self._done(name, connection.received(data, self.at))
        self._pass(self.at)

    def _wait(self, _: str, rest: str) -> None:
        """Let seconds pass, in which every alarm rings at its time."""
        self._pass(self.at + int(float(rest) * SECOND))

    def _pass(self, until: int) -> None:
        while True:
            dues = [(due, name) for name, each in self.connections.items() if (due := each.due()) is not None]
            if not dues or min(dues)[0] > until:
                break
            due, name = min(dues)
            self.at = max(due, self.at)
            self._done(name, self.connections[name].tick(self.at))
        self.at = until

    def _hang(self, name: str, _: str) -> None:
        self._done(name, self.connections.pop(name).closed(self.at))

    def _send(self, name: str, rest: str) -> None:
        msg_type, _, body = rest.partition(" ")
        fields = {int(tag): value for tag, value in (part.split("=", 1) for part in body.split("|"))}
        self._done(name, self._own().send(msg_type, fields, at=self.at))

    def _leave(self, name: str, rest: str) -> None:
        self._done(name, self._own().leave(self.at, text=rest))

    def _numbers(self, _: str, rest: str) -> None:
        expected, next_out = map(int, rest.split())
        assert self._own().numbers == Numbers(expected, next_out)

    def _done(self, name: str, outputs: Iterator[Output] | list[Output]) -> None:
        """Write down what the session asks for, as a script says it."""
        prefix = "" if name == "1" else f"{name} "
        for output in outputs:
            match output:
                case Send(data):
                    self.found.append(f"{prefix}> {self._shown(data)}")
                case Deliver(message):
                    self.found.append(f"{prefix}app {message.msg_type} {message.header[34]}")
                case LoggedOn(is_anew):
                    self.found.append(f"{prefix}up{' anew' * is_anew}")
                case LoggedOut():
                    self.found.append(f"{prefix}down")
                case Disconnect():
                    self.found.append(f"{prefix}cut")
                case Noted() | Numbers():
                    pass

    def _shown(self, data: bytes) -> str:
        """Return type, number and what else stands there but the usual header, in its order."""
        (frame,) = Framer().feed(data)
        assert isinstance(frame, Frame), data
        assert isinstance(decoder().decode(frame), Message), data
        pairs = [part.split("=", 1) for part in frame.text.split(SOH)[:-1]]
        header = dict(pairs)
        assert HIDDEN.items() <= header.items()
        assert header["52"] == stamp(self.at, digits=self.settings.digits)
        hidden = {"49", "52", "56"} | ({"122"} if header.get("122") == header["52"] else set())
        rest = "|".join(f"{tag}={value}" for tag, value in pairs[2:] if tag not in hidden)
        return f"{header['35']} {header['34']} {rest}".rstrip()


def _pair(given: dict[str, str]) -> dict[str, list[str]]:
    return {name: value.split("-") for name, value in given.items() if name == "heartbeats_s"}


VERBS = {"<": "message", "<<": "text", "<<<": "bytes"}
