"""Plays one scenario against a client, step by step, until it is over or the client does what it must not."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Final

from msgspec import Struct

from stockex.certify.judge import Memory, difference, fields_of, values_of
from stockex.certify.orders import Ticket
from stockex.certify.puppet import Counts, Gone, Names, Puppet, Wrong
from stockex.certify.script import Scenario, Step
from stockex.core.fix.message import Message
from stockex.errors import ConfigurationError

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PARTING: Final = frozenset("01235")
_OWN: Final = re.compile(r"@([a-z0-9]+)(?:=(.*))?")


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of a scenario.

    Attributes:
        why: Why it failed: the step, what was expected and what came.
        said: The conversation, `>` what the venue sent and `<` what it got.
    """

    id: str
    title: str
    section: str
    source: str
    is_mandatory: bool
    is_passed: bool
    why: str
    took_ms: int
    said: list[str]


class Setting(Struct, frozen=True, kw_only=True):
    """What all scenarios share.

    Attributes:
        patience_s: How long the client has for each step.
        symbol: What is traded.
        hint: Told what the client is asked to do, for people.
    """

    names: Names
    counts: Counts
    used: dict[int, set[str]]
    doors: "asyncio.Queue[Connection]"
    patience_s: float
    symbol: str
    hint: Callable[[str], None]


class _Failed(Exception):
    """The client did not do what the scenario asks."""


class Play:
    """One scenario under way."""

    def __init__(self, scenario: Scenario, setting: Setting) -> None:
        self._scenario = scenario
        self._setting = setting
        self._memory = Memory({"symbol": setting.symbol}, setting.used)
        self._puppet: Puppet | None = None
        self._ticket: Ticket | None = None
        self._said: list[str] = []
        self._verbs: Mapping[str, Callable[[list[str]], Awaitable[None]]] = {
            "start": self._start,
            "expect": self._expect,
            "send": self._send,
            "report": self._report,
            "refuse": self._refuse,
            "ask": self._ask,
            "quiet": self._quiet,
            "close": self._close,
            "closed": self._closed,
            "logout": self._logout,
            "numbers": self._numbers,
        }

    async def verdict(self) -> Verdict:
        """Play it all, and end the connection in good order."""
        began, why = monotonic(), ""
        try:
            for step in self._scenario.steps:
                why = await self._did(step)
                if why:
                    break
        finally:
            await self._leave()
        scenario = self._scenario
        return Verdict(
            id=scenario.id,
            title=scenario.title,
            section=scenario.section,
            source=scenario.source,
            is_mandatory=scenario.is_mandatory,
            is_passed=not why,
            why=why,
            took_ms=int((monotonic() - began) * 1000),
            said=self._said,
        )

    async def _did(self, step: Step) -> str:
        """Do a step; return why the client fails by it, "" if it does not."""
        counts = self._setting.counts
        self._memory.names |= {"in": str(counts.expected), "out": str(counts.next_out)}
        try:
            await self._verbs[step.verb](step.rest.split())
        except _Failed as failed:
            return f"{step}: {failed}"
        except Gone:
            return f"{step}: the client ended the connection"
        except TimeoutError:
            return f"{step}: nothing came in {self._setting.patience_s:g} s"
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._scenario.id}, `{step}`: {error}") from error
        return ""

    @property
    def _line(self) -> Puppet:
        if self._puppet is None:
            raise ConfigurationError("there is no connection: a scenario begins with `start`")
        return self._puppet

    async def _start(self, words: list[str]) -> None:
        """Wait for the client to connect; unless `none`, log it on."""
        async with asyncio.timeout(self._setting.patience_s):
            reader, writer = await self._setting.doors.get()
        self._puppet = Puppet(reader, writer, names=self._setting.names, counts=self._setting.counts)
        self._puppet.said = self._said
        if words != ["none"]:
            await self._expect(["A", "98=0", "108=1..3600"])
            self._memory.names["interval"] = self._memory.names["108"]
            answer = {98: "0", 108: self._memory.names["108"]}
            if self._memory.names.get("141") == "Y":
                answer[141] = "Y"
            self._line.send("A", answer)

    async def _expect(self, words: list[str]) -> None:
        """Wait for a message; what belongs to any session is answered on the way."""
        wanted, own = _parted(words)
        msg_type, fields = wanted[0], wanted[1:]
        while True:
            message = await self._next(own)
            if message.msg_type == msg_type:
                break
            self._answer(message)
        values = values_of(message)
        if fault := difference(fields, values, memory=self._memory):
            raise _Failed(fault)
        self._memory.names = {name: each for name, each in self._memory.names.items() if not name.isdigit()}
        self._memory.names |= {str(tag): value for tag, value in values.items()}
        self._take(msg_type, dict(values))

    async def _next(self, own: Mapping[str, str]) -> Message:
        """Return the next message, which must be sound by the session's rules."""
        patience = self._seconds(own["within"]) if "within" in own else self._setting.patience_s
        message = await self._line.next(patience)
        fault = self._line.fault(message)
        if fault or not isinstance(message, Message):
            raise _Failed(fault)
        return message

    def _answer(self, message: Message) -> None:
        """Answer what belongs to any session; what an earlier scenario has left open is closed by a gap fill."""
        if message.msg_type == "1":
            self._line.send("0", {112: message.text(112)})
        elif message.msg_type == "2" and "gap" not in self._memory.names:
            following = {36: str(self._setting.counts.next_out), 123: "Y"}
            self._line.send("4", following, wrong=Wrong(number=int(message.text(7)), is_repeated=True))
        elif message.msg_type != "0":
            raise _Failed(f"35={message.msg_type} came")

    def _take(self, msg_type: str, values: dict[int, str]) -> None:
        """Take note of an order or a request."""
        if msg_type in {"D", "E"}:
            self._ticket = Ticket(values, f"O{len(self._setting.used.get(11, ()))}")
            self._memory.names["id"] = values.get(11, "")
        elif msg_type in {"F", "G"} and self._ticket is not None:
            self._ticket.ask(values)

    async def _send(self, words: list[str]) -> None:
        """Send a message, with all that is wrong in it."""
        wanted, own = _parted(words)
        if wanted[0].startswith("35="):
            self._line.send_text(self._filled(" ".join(wanted).replace("~", " ")))
            return
        self._say(wanted[0], fields_of(wanted[1:], self._memory), own=own)

    def _say(self, msg_type: str, body: dict[int, str], *, own: Mapping[str, str]) -> None:
        counts, number = self._setting.counts, own.get("number", "")
        if number.startswith("+"):
            self._memory.names["gap"] = str(counts.next_out)
            counts.next_out += int(number)
        wrong = Wrong(
            number=int(self._memory.value(number)) if number and not number.startswith("+") else None,
            is_repeated="dup" in own,
            checksum=1 if "checksum" in own else 0,
            length=1 if "length" in own else 0,
            stale_s=int(own.get("stale", "0")),
            header={int(tag): value for tag, value in own.items() if tag.isdigit()},
            version=own.get("version", "FIX.4.4"),
        )
        self._memory.names["sent"] = str(self._line.send(msg_type, body, wrong=wrong))
        self._memory.names["next"] = str(counts.next_out)

    async def _report(self, words: list[str]) -> None:
        """Send an execution report of the order; none where a table has nothing to say."""
        if not words:
            return
        wanted, own = _parted(words)
        what = [word for word in wanted[1:] if "=" not in word]
        more = fields_of([word for word in wanted[1:] if "=" in word], self._memory)
        self._say("8", {**self._order().report(wanted[0], what), **more}, own=own)
        self._memory.names["id"] = self._order().values[11]

    async def _refuse(self, words: list[str]) -> None:
        """Refuse the cancel or the replacement."""
        wanted, own = _parted(words)
        self._say("9", {**self._order().reject(), **fields_of(wanted, self._memory)}, own=own)

    def _order(self) -> Ticket:
        if self._ticket is None:
            raise ConfigurationError("there is no order")
        return self._ticket

    async def _ask(self, words: list[str]) -> None:
        """Tell the client what to do."""
        text = self._filled(" ".join(words))
        self._setting.hint(f"{self._scenario.id}  {text}")
        head = f"CERTIFY {self._scenario.id}"
        self._line.send_text(f"35=B|148={head}|33=1|58={text}|")

    def _filled(self, text: str) -> str:
        return re.sub(r"\$[a-z]+(?:\+[0-9]+)?", lambda match: self._memory.value(match[0]), text)

    async def _quiet(self, words: list[str]) -> None:
        """Hear nothing but heartbeats and tests for a while."""
        until = monotonic() + self._seconds(words[0])
        while (left := until - monotonic()) > 0:
            try:
                message = await self._next({"within": str(left)})
            except TimeoutError:
                return
            self._answer(message)

    async def _close(self, _: list[str]) -> None:
        """End the connection without a word."""
        self._line.close()
        self._puppet = None

    async def _closed(self, _: list[str]) -> None:
        """Wait until the client ends the connection, with a Logout or without."""
        until = monotonic() + self._setting.patience_s
        while True:
            try:
                message = await self._line.next(max(0.0, until - monotonic()))
            except Gone:
                self._line.close()
                self._puppet = None
                return
            except TimeoutError as error:
                raise _Failed("the client did not end the connection") from error
            self._line.fault(message)
            if isinstance(message, Message) and message.msg_type not in _PARTING:
                raise _Failed(f"35={message.msg_type} came")

    async def _logout(self, _: list[str]) -> None:
        """Log the client out: it must answer, and the connection ends."""
        self._line.send("5", {})
        await self._expect(["5"])
        await self._close([])

    async def _numbers(self, words: list[str]) -> None:
        """Set our own next number."""
        self._setting.counts.next_out = int(self._memory.value(words[0]))

    async def _leave(self) -> None:
        """End the connection in good order if it still stands."""
        if self._puppet is None:
            return
        try:
            self._puppet.send("5", {})
            while not (isinstance(message := await self._puppet.next(1.0), Message) and message.msg_type == "5"):
                self._puppet.fault(message)
            self._puppet.fault(message)
        except (Gone, TimeoutError):
            pass
        self._puppet.close()
        self._puppet = None

    def _seconds(self, text: str) -> float:
        """Return a time in seconds; `1.5h` is one and a half heartbeat intervals."""
        if text.endswith("h"):
            return float(text[:-1]) * float(self._memory.names.get("interval", "1"))
        return float(text)


def _parted(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return fields, and what is said about the message itself, as `@dup` and `@number=+2`."""
    own = {match[1]: match[2] or "" for word in words if (match := _OWN.fullmatch(word))}
    return [word for word in words if not _OWN.fullmatch(word)], own
