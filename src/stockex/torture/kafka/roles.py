"""What matchers say that they are: each is asked all the time, and none or one may be active."""

import json
import threading
import time
from typing import Final

from stockex.errors import StockExError
from stockex.torture.fleet import Process

_EVERY_S: Final = 0.02
_OK: Final = 200


class Roles:
    """Asks matchers by a thread for each process.

    Attributes:
        faults: Who said `active` after another one had.
        changes: How often another process became the active one.
    """

    def __init__(self) -> None:
        """Ask nobody so far."""
        self.faults: list[str] = []
        self._heard = threading.Condition()
        self._is_over = False
        self._roles: dict[int, str] = {}
        self._first: dict[int, float] = {}

    @property
    def changes(self) -> int:
        """How often another process became the active one."""
        return max(len(self._first) - 1, 0)

    def watch(self, process: Process) -> None:
        """Ask this process until it has ended."""
        threading.Thread(target=self._ask, args=(process, process.pid), daemon=True).start()

    def of(self, process: Process) -> str:
        """Return what a process said last."""
        return self._roles.get(process.pid, "")

    def active(self, process: Process, *, within_s: float) -> float:
        """Wait until a process has said that it is active; return when. Raises: StockExError: it has not."""
        pid = process.pid
        with self._heard:
            if not self._heard.wait_for(lambda: pid in self._first, within_s):
                raise StockExError(f"no standby took over within {within_s:.0f} s:\n{process.said[-2_000:]}")
            return self._first[pid]

    def close(self) -> None:
        """Ask no more."""
        self._is_over = True

    def _ask(self, process: Process, pid: int) -> None:
        while not self._is_over and process.is_running and process.pid == pid:
            asked = time.monotonic()
            status, body = process.ask("/healthz")
            role = json.loads(body).get("role", "") if status == _OK else ""
            self.hear(pid, role, asked=asked, answered=time.monotonic())
            time.sleep(_EVERY_S)

    def hear(self, pid: int, role: str, *, asked: float, answered: float) -> None:
        """Write down an answer. Who is asked after a later one's first answer, and says `active`, is at fault."""
        with self._heard:
            self._roles[pid] = role
            if role != "active":
                return
            if pid not in self._first:
                self._first[pid] = answered
                self._heard.notify_all()
            later = [other for other, first in self._first.items() if self._first[pid] < first < asked]
            self.faults += [f"process {pid} says that it is active, and {other} is" for other in later]
