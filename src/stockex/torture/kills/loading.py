"""The process of those who load an exchange, as seen from outside."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from stockex.torture.kills.load import Round


class Loading:
    """The process that loads the exchange."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def go(self) -> None:
        """Let the accounts trade."""
        self._say(b"go\n")

    def resumed(self) -> float:
        """Return after how many seconds the exchange took something again."""
        return msgspec.json.decode(self._asked(b"wait\n"), type=float)

    def stop(self) -> Round:
        """Let the accounts stop, and return what became of their round."""
        return msgspec.json.decode(self._asked(b"stop\n"), type=Round)

    def _asked(self, word: bytes) -> bytes:
        self._say(word)
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def _say(self, word: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word)
        self._process.stdin.flush()


@contextmanager
def loading(port: int, *, rate: float, seed: int, most: int = 20) -> Iterator[Loading]:
    """Run those who load the exchange at a port, in a process of their own, until the block ends."""
    command = [sys.executable, "-m", "stockex.torture.kills.load", str(port), str(rate), str(seed), str(most)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 (our own)
        yield Loading(process)
        assert process.stdin is not None
        process.stdin.close()
