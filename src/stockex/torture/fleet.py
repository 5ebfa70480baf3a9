"""The exchange as processes: each service on a port of its own, to be started, killed, frozen and asked."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stockex.errors import StockExError

HOST: Final = "127.0.0.1"
START_S: Final = 60.0
STOP_S: Final = 20.0

_LOOK_S: Final = 0.02
_ASK_S: Final = 15.0
_OK: Final = 200


class Process:
    """`stockex run SERVICE` on a free port; it may be started again after it has ended."""

    def __init__(self, service: str, folder: Path, *, environment: dict[str, str]) -> None:
        """Keep data and output in `folder`."""
        self.service = service
        self.port = free_port()
        self.output = folder / f"{service}-{self.port}.txt"
        self._command = [sys.executable, "-m", "stockex", "run", service, "--port", str(self.port)]
        self._environment = environment | {"STOCKEX_DATA": str(folder / "data")}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; do not wait."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("STOCKEX_")}
        with self.output.open("ab") as output:
            self._running = subprocess.Popen(  # noqa: S603 (our own command line)
                self._command, env=given | self._environment, stdout=output, stderr=output
            )
        return self

    @property
    def said(self) -> str:
        """All that it has printed over all its starts."""
        return self.output.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._running is not None and self._running.poll() is None

    @property
    def pid(self) -> int:
        """The process that was started last."""
        assert self._running is not None, "it was started"
        return self._running.pid

    def ask(self, path: str, body: object = None, *, user: str = "") -> tuple[int, bytes]:
        """Return status and body of one request, status 0 when nobody answers."""
        headers = {"Content-Type": "application/json"}
        if user:
            headers["Authorization"] = f"Basic {b64encode(f'{user}:{user}'.encode()).decode()}"
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_ASK_S)
        with closing(connection):
            try:
                connection.request("GET" if body is None else "POST", path, json.dumps(body), headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                return 0, b""

    def ready(self, *, within_s: float = START_S) -> Self:
        """Wait until it says that it is ready. Raises: StockExError: it has ended, or it is not in time."""
        deadline = time.monotonic() + within_s
        while self.ask("/readyz")[0] != _OK:
            if not self.is_running or time.monotonic() > deadline:
                raise StockExError(f"{self.service} is not ready:\n{self.said[-2_000:]}")
            time.sleep(_LOOK_S)
        return self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, as SIGSTOP and SIGCONT."""
        assert self._running is not None, "it was started"
        self._running.send_signal(number)

    def kill(self) -> None:
        """Kill it with -9."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def stop(self) -> int:
        """Ask it to end as Ctrl-C does; return its exit status."""
        assert self._running is not None, "it was started"
        self._running.terminate()
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended; return its exit status."""
        assert self._running is not None, "it was started"
        return self._running.wait(STOP_S)


class Fleet:
    """Processes that share a broker, a prefix of topics and a folder. Leaving the block kills them."""

    def __init__(self, folder: Path, bootstrap: str, *, prefix: str, **environment: str) -> None:
        """Keep everything in `folder`; `environment` adds settings."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.processes: list[Process] = []
        self._environment = environment | {"KAFKA_BOOTSTRAP": bootstrap, "STOCKEX_KAFKA_PREFIX": prefix}

    def add(self, service: str, **environment: str) -> Process:
        """Start one more process; `environment` adds settings of its own."""
        self.processes.append(Process(service, self.folder, environment=self._environment | environment))
        return self.processes[-1].start()

    def __enter__(self) -> Self:
        """Begin with none."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill what still runs."""
        for process in self.processes:
            if process.is_running:
                process.kill()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
