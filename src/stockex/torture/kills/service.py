"""The exchange as a process of its own, that can be killed, frozen and starved."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stockex.errors import StockExError
from stockex.vocabulary.services import LiveBook

HOST: Final = "127.0.0.1"
START_S: Final = 180.0
STOP_S: Final = 30.0

_LOOK_S: Final = 0.01
_OUTPUT: Final = "output.txt"
_WORDS: Final = 500
_SETTINGS: Final = {"STOCKEX_FEEDER_TICK_S": "0.5", "CH_AI_INTERVAL": "5"}
_NOT_OURS: Final = ("STOCKEX_", "KAFKA_", "PYTHONDONTWRITEBYTECODE")
"""What the exchange does not inherit: it keeps its byte code, as an installed one does."""

_LITTLE_SPACE: Final = 2**16
"""A file may grow to so many bytes while the disk is said to be full."""


class Start(NamedTuple):
    """How many seconds a start took until the exchange was ready, and how many of them a processor worked for it."""

    seconds: float
    processor_s: float


class Service:
    """`stockex up` on a free port. Its output goes to `output.txt` in its data directory."""

    def __init__(self, data: Path, **more: str) -> None:
        """Keep the log in `data`; `more` are settings by their names in the environment."""
        self.data = data
        self._more = more
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    @property
    def processor_s(self) -> float:
        """How long processors have worked for it since its start. Source: proc(5), fields 14 and 15 of `stat`."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def start(self, *, jumps: int | None = None, book: LiveBook = LiveBook.AUTO) -> Start:
        """Start it, and return how long it took to be ready; with `jumps` its wall clock jumps, by that seed.

        It matches on `book`, unless the settings name another one.

        Raises: StockExError: it ended, or was not ready in `START_S`.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        what = ["stockex", "up"] if jumps is None else ["stockex.torture.kills.jumping", str(jumps)]
        others = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
        own = {"STOCKEX_PORT": str(self.port), "STOCKEX_DATA": str(self.data), "STOCKEX_BOOK": book.value}
        began = time.monotonic()
        with (self.data / _OUTPUT).open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own command line)
                [sys.executable, "-m", *what], env=others | _SETTINGS | own | self._more, stdout=output, stderr=output
            )
        while not self._is_ready():
            status, waited = self._process.poll(), time.monotonic() - began
            if status is not None or waited > START_S:
                end = "was not ready in time" if status is None else f"ended at its start with status {status}"
                raise StockExError(f"the exchange {end}: {self._last_words()}")
            time.sleep(_LOOK_S)
        return Start(time.monotonic() - began, self.processor_s)

    def _last_words(self) -> str:
        return (self.data / _OUTPUT).read_text(errors="replace")[-_WORDS:]

    def _is_ready(self) -> bool:
        try:
            return self._status("/readyz") == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def _status(self, path: str) -> int:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=2.0)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def asked(self, account: str, *paths: str) -> list[object]:
        """Return what the exchange answers to this account. Raises: StockExError: it is no JSON, or an error."""
        token = b64encode(f"{account}:{account}".encode()).decode()
        answers: list[object] = []
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=START_S)) as connection:
            for path in paths:
                connection.request("GET", path, headers={"Authorization": f"Basic {token}"})
                response = connection.getresponse()
                body = response.read()
                if response.status != http.client.OK:
                    raise StockExError(f"{path} for {account}: {response.status} {body[:200]!r}")
                answers.append(msgspec.json.decode(body))
        return answers

    def kill(self) -> None:
        """Kill it with -9: nothing is flushed, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self, seconds: float) -> None:
        """Stop it as a debugger or a hypervisor does: its clocks jump when it goes on."""
        os.kill(self.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGCONT)

    def starve(self, seconds: float) -> None:
        """Let its files not grow for a while: to whoever writes it is a full disk."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (_LITTLE_SPACE, hard))
        time.sleep(seconds)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def stop(self) -> str:
        """Ask it to stop as Ctrl-C does; return the digest of its state. Raises: StockExError: it did not."""
        assert self._process is not None
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            if self._process.wait(STOP_S) == 0:
                return (self.data / _OUTPUT).read_text().split(", state ")[-1].split()[0]
        raise StockExError(f"the exchange did not stop in order: {self._last_words()}")

    def close(self) -> None:
        """Kill it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
