"""All scenarios, one after the other, for one client that connects to us."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from fnmatch import fnmatch

from msgspec import Struct

from stockex.certify.play import Connection, Play, Setting, Verdict
from stockex.certify.puppet import Counts, Names
from stockex.certify.robot import Robot, RobotClient
from stockex.certify.script import Scenario, scenarios
from stockex.core.fix.session.settings import SessionSettings
from stockex.errors import ConfigurationError
from stockex.fix_client.initiator import Venue


class Options(Struct, frozen=True, kw_only=True):
    """What is certified, and how.

    Attributes:
        only: Patterns of the scenarios' numbers, such as `SEQ-*`; all when empty.
        patience_s: How long the client has for each step.
        symbol: What orders are for.
    """

    sender: str
    target: str
    only: Sequence[str] = ()
    patience_s: float = 10.0
    symbol: str = "ALPHA"

    def chosen(self) -> list[Scenario]:
        """Return the scenarios to play. Raises: ConfigurationError: none is meant."""
        found = [each for each in scenarios() if not self.only or any(fnmatch(each.id, name) for name in self.only)]
        if not found:
            raise ConfigurationError(f"no scenario is called {', '.join(self.only)}")
        return found


Tell = Callable[[Verdict], None]


class Certifier:
    """Listens, and plays with whoever connects as the client."""

    def __init__(self, options: Options, *, hint: Callable[[str], None]) -> None:
        self._options = options
        self._doors: asyncio.Queue[Connection] = asyncio.Queue()
        self._setting = Setting(
            names=Names(options.sender, options.target),
            counts=Counts(),
            used={},
            doors=self._doors,
            patience_s=options.patience_s,
            symbol=options.symbol,
            hint=hint,
        )

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen until the block ends; give the port. Raises: ConfigurationError: the address is taken, or not ours."""

        def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._doors.put_nowait((reader, writer))

        try:
            server = await asyncio.start_server(arrived, host, port)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        async with server:
            yield server.sockets[0].getsockname()[1]
        while not self._doors.empty():
            self._doors.get_nowait()[1].close()

    async def verdicts(self, *, tell: Tell) -> list[Verdict]:
        """Play all scenarios; tell each verdict as it falls."""
        found = []
        for scenario in self._options.chosen():
            verdict = await Play(scenario, self._setting).verdict()
            tell(verdict)
            found.append(verdict)
        return found


async def self_test(options: Options, *, fault: str, tell: Tell) -> list[Verdict]:
    """Certify our own client, made wrong by `fault` unless that is empty."""
    certifier = Certifier(options, hint=lambda _: None)
    async with certifier.listening("127.0.0.1", 0) as port:
        settings = SessionSettings(sender=options.target, target=options.sender, heartbeat_s=1, logout_wait_s=1)
        client = RobotClient(Venue("127.0.0.1", port), settings)
        robot = Robot(client, fault=fault)
        staying = asyncio.create_task(client.stay(pause_s=0.01))
        try:
            return await certifier.verdicts(tell=tell)
        finally:
            staying.cancel()
            with suppress(asyncio.CancelledError):
                await staying
            client.drop()
            del robot
