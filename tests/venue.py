"""A whole exchange in a process of its own, for tests that kill it, drive it in a browser or replay its log."""

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

HOST = "127.0.0.1"
START_S = 30.0
STOP_S = 10.0


class Venue:
    """`stockex up` on a free port. Output goes to `output.txt` in the data directory."""

    def __init__(self, data: Path, **environment: str) -> None:
        """Keep the log in `data`; `environment` adds settings."""
        self.data = data
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where the exchange answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def output(self) -> str:
        """All that the exchange has printed over all its starts."""
        return (self.data / "output.txt").read_text()

    def start(self) -> Self:
        """Start it and wait until it says that it is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        given = {name: value for name, value in os.environ.items() if not name.startswith("STOCKEX_")}
        command = [sys.executable, "-m", "stockex", "up", "--port", str(self.port), "--data", str(self.data)]
        with (self.data / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own command line)
                command, env=given | self._environment, stdout=output, stderr=output
            )
        deadline = time.monotonic() + START_S
        while not self._is_ready():
            assert self._process.poll() is None, f"the exchange ended at start:\n{self.output}"
            assert time.monotonic() < deadline, f"the exchange was not ready in {START_S} s:\n{self.output}"
            time.sleep(0.02)  # a process of its own can only be asked again
        return self

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2.0).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill it with -9: nothing is flushed, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop as Ctrl-C does; return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(STOP_S)

    def client(self, user: str) -> httpx.Client:
        """Return an HTTP client that acts for `user`."""
        token = b64encode(f"{user}:{user}".encode()).decode()
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Basic {token}"}, timeout=10.0)

    def __enter__(self) -> Self:
        """Start; one that is not ready in time is not left running."""
        with ExitStack() as left:
            left.push(self.__exit__)
            self.start()
            left.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
