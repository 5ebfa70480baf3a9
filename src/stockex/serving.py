"""The door of a process: it listens from the first moment on, and says how far the process is."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog
import uvicorn
from starlette.types import Receive, Scope, Send

from stockex.bus.interface import Led
from stockex.errors import ConfigurationError
from stockex.vocabulary.services import Standing
from stockex.web.app import AnySite
from stockex.web.replies import Fault, Problem, reply

_GRACE_S: Final = 1
_LOOK_S: Final = 0.005


@dataclass(frozen=True)
class Address:
    """Where to listen. A port that `may_move` is given up for a free one when somebody else has it."""

    host: str
    port: int
    may_move: bool = False


@dataclass
class Door:
    """Answers health and readiness by itself, and everything else by the site once there is one.

    Attributes:
        home: Prefixes for the seed's paths of a service on its own port, by their first part: `health` to `/matcher`.
        why_not: Why the process is not ready, None when it is.
        site: What serves the rest.
        led: The log, if its process may be one of several that stand by; health and readiness tell what it is.
        shards: The log as each shard sees it, for a process that is not ready while one of them has no active matcher.
    """

    home: Mapping[str, str] = field(default_factory=dict)
    why_not: str | None = "It is starting."
    site: AnySite | None = None
    led: Led | None = None
    shards: Sequence[Led] = ()
    _serving: asyncio.Task[None] | None = None

    @property
    def reason(self) -> str | None:
        """Why the process is not ready, None when it is."""
        if self.why_not is not None:
            return self.why_not
        if self.led is not None and self.led.doubt is not None:
            return self.led.doubt
        idle = [f"{number}" for number, shard in enumerate(self.shards) if shard.doubt is not None]
        return f"No matcher is active of shard {', '.join(idle)}." if idle else None

    @property
    def standing(self) -> Standing | None:
        """What this process is among those that stand by; None when it is none of them."""
        return None if self.led is None else self.led.standing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path: str = scope["path"]
        if path == "/healthz":
            await reply({"status": "ok"} | self._role())(scope, receive, send)
        elif path == "/readyz" and self.reason is None:
            await reply({"status": "ready"} | self._role())(scope, receive, send)
        elif path == "/readyz" or self.site is None:
            reason = self.reason
            fault = Fault(message=reason or "Nothing else is here.")
            status = 503 if reason else 404
            await Problem(status, fault, headers={"Retry-After": "1"}).answer()(scope, receive, send)
        else:
            prefix = self.home.get(path.split("/")[1])
            await self.site({**scope, "path": prefix + path} if prefix else scope, receive, send)

    def _role(self) -> dict[str, str]:
        return {} if self.standing is None else {"role": self.standing}

    @asynccontextmanager
    async def open(self, address: Address) -> AsyncIterator[int]:
        """Listen until the block ends or SIGINT or SIGTERM comes; give the port. Raises: ConfigurationError."""
        config = uvicorn.Config(
            self,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
        )
        with closing(_listening(address)) as listener:
            server = _Server(config, door=self)
            self._serving = serving = asyncio.create_task(server.serve(sockets=[listener]))
            while not (server.started or serving.done()):  # noqa: ASYNC110 (uvicorn has a flag, no event)
                await asyncio.sleep(_LOOK_S)
            try:
                yield listener.getsockname()[1]
            finally:
                server.stop()
                await serving

    async def closed(self) -> None:
        """Wait until SIGINT or SIGTERM has come and the last request is answered."""
        assert self._serving is not None, "a door is opened before it is closed"
        await asyncio.wait({self._serving})

    def close(self) -> None:
        """Say goodbye to all streams; serve no new ones."""
        if self.site is not None:
            self.site.close()


def _listening(address: Address) -> socket.socket:
    """Return a socket bound to the address. Raises: ConfigurationError: it is taken, or not ours."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((address.host, address.port))
        except OSError:
            if not address.may_move:
                raise
            listener.bind((address.host, 0))
    except OSError as error:
        listener.close()
        where = f"{address.host}:{address.port}"
        raise ConfigurationError(f"cannot listen on {where} (STOCKEX_HOST, STOCKEX_PORT): {error.strerror}") from error
    return listener


def log_to_stderr(level: str) -> None:
    """Log JSON lines of at least `level` to standard error; the web server's own warnings go there too."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


class _Server(uvicorn.Server):
    """A server that leaves signals to us, so that streams are told goodbye and the log is closed in order."""

    def __init__(self, config: uvicorn.Config, *, door: Door) -> None:
        super().__init__(config)
        self._door = door

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Set the flag that ends serving on SIGINT and SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        """End serving."""
        self._door.close()
        self.should_exit = True
