"""Drives a QuickFIX initiator, which runs in a process of its own: what it does with its memory is its own affair."""

import json
import queue
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

pytest.importorskip("quickfix", reason="QuickFIX is not installed (PyPI quickfix-tls)")

WAIT_S = 30.0
SETTINGS = """\
[DEFAULT]
ConnectionType=initiator
StartTime=00:00:00
EndTime=00:00:00
HeartBtInt=30
ReconnectInterval=1
SocketConnectHost=127.0.0.1
SocketConnectPort={port}
SocketNodelay=Y
FileStorePath={store}
UseDataDictionary=N
PersistMessages=Y

"""
SESSION = "[SESSION]\nBeginString=FIX.4.4\nSenderCompID={name}\nTargetCompID=FIX_SERVER\n\n"


class QuickFix:
    """Initiators of several sessions with one store, up as long as the block lasts."""

    def __init__(self, names: Sequence[str], *, port: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "quickfix.cfg"
        text = SETTINGS.format(port=port, store=folder / "store")
        self._path.write_text(text + "".join(SESSION.format(name=name) for name in names))
        self._names = names
        self.faults: list[str] = []
        self.found: defaultdict[str, queue.Queue[str]] = defaultdict(queue.Queue)
        self._ups: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        """Start the process and wait until all sessions are up."""
        command = [sys.executable, str(Path(__file__).with_name("peer.py")), str(self._path)]
        self._process = subprocess.Popen(  # noqa: S603 (our own command line)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._hearing = threading.Thread(target=self._hear)
        self._hearing.start()
        for _ in self._names:
            self._ups.get(timeout=WAIT_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log out, and end the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(WAIT_S)
        self._hearing.join()

    def send(
        self, name: str, msg_type: str, fields: Sequence[tuple[int, str]], *, header: Mapping[int, str] | None = None
    ) -> None:
        """Send a message of the application."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, msg_type, fields, header or {}]) + "\n")
        self._process.stdin.flush()

    def message(self, name: str) -> str:
        """Return the next message of the application."""
        return self.found[name].get(timeout=WAIT_S)

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            what, name, text = json.loads(line)
            match what:
                case "app":
                    self.found[name].put(text)
                case "fault":
                    self.faults.append(text)
                case "up":
                    self._ups.put(name)
                case _:
                    pass
        self._process.stdout.close()
