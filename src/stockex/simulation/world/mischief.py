"""What goes wrong: crashes, pauses, full disks, slow disks, clocks that jump, torn checkpoints, strangers' records."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from stockex.core.dice import Dice
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic
from stockex.simulation.world.disk import Disk
from stockex.simulation.world.log import SimulatedLog
from stockex.simulation.world.loop import WorldLoop
from stockex.simulation.world.processes import Process

_SECOND: Final = 1_000_000_000
_JUMPS: Final = (1_000_000, _SECOND, 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND)
_GARBAGE: Final = (b"", b"what?", b"[]", b"\xff\x00", b'{"type":"new"}', b'{"type":"traded","offset":1}', b'{"action":')
_TOPICS: Final = tuple(topic for topic in Topic if topic not in {Topic.AI_INSIGHTS, Topic.FIX})


class Scene(Protocol):
    """What mischief may touch."""

    loop: WorldLoop
    log: SimulatedLog
    disk: Disk
    processes: dict[str, Process]
    skews: dict[str, int]
    has_strangers: bool

    def abandon(self, name: str) -> None:
        """Start a successor of a process that still lives."""

    def inject(self, entry: Entry) -> None:
        """Let a stranger append a record."""


@dataclass
class Mischief:
    """Does something every now and then, until it is cancelled; `heal` undoes what lasts."""

    scene: Scene
    dice: Dice
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Know every fault by its name, with how often it is chosen."""
        self._kinds: Mapping[str, tuple[int, Callable[[], bool]]] = {
            "crashes": (8, self._crash),
            "pauses": (3, self._pause),
            "orderly_restarts": (2, self._stop),
            "usurpations": (2, self._usurp),
            "full_disks": (3, self._fill),
            "slow_disks": (2, self._slow),
            "slow_readers": (2, self._lag),
            "clock_jumps": (3, self._jump),
            "torn_checkpoints": (3, self._tear),
            "strange_records": (3, self._inject),
        }

    async def live(self) -> None:
        """Do harm for ever."""
        weights = {name: weight for name, (weight, _) in self._kinds.items()}
        while True:
            await asyncio.sleep(self.dice.uniform(0, 1.5))
            name = self.dice.choose_weighted(weights)
            if self._kinds[name][1]():
                self.counts[name] += 1

    def heal(self) -> None:
        """End what lasts. Clocks stay where they are."""
        self.scene.log.is_full = self.scene.disk.is_full = False
        self.scene.log.slowness_s = 0.004
        for process in self.scene.processes.values():
            process.bus.lag_s = 0.002
            process.paused_until = 0.0

    def _process(self) -> Process:
        return self.scene.processes[self.dice.choose(list(self.scene.processes))]

    def _crash(self) -> bool:
        """Kill a process in so many steps, wherever it is by then; now and then its checkpoints are torn with it."""
        process = self._process()
        self.scene.loop.after_steps(self.dice.integer(1, 60), process.kill)
        if self.dice.integer(1, 4) == 1:
            self._tear()
        return not process.is_dead

    def _pause(self) -> bool:
        process = self._process()
        process.paused_until = self.scene.loop.time() + self.dice.uniform(0.1, 2)
        return not process.is_dead

    def _stop(self) -> bool:
        process = self._process()
        process.stop()
        return not process.is_dead

    def _usurp(self) -> bool:
        """Let a successor start while the process only seems dead; it comes back later and must find that it is over.

        One process alone cannot be usurped: it holds the lock of its file.
        """
        process = self._process()
        if len(self.scene.processes) == 1 or process.is_dead:
            return False
        process.paused_until = self.scene.loop.time() + self.dice.uniform(0.2, 3)
        self.scene.abandon(process.name)
        return True

    def _fill(self) -> bool:
        self.scene.log.is_full = self.scene.disk.is_full = True
        self.scene.loop.call_later(self.dice.uniform(0.1, 2), self._free)
        return True

    def _free(self) -> None:
        self.scene.log.is_full = self.scene.disk.is_full = False

    def _slow(self) -> bool:
        self.scene.log.slowness_s = self.dice.choose((0.0, 0.004, 0.05, 0.4))
        return True

    def _lag(self) -> bool:
        self._process().bus.lag_s = self.dice.choose((0.0, 0.05, 0.5))
        return True

    def _jump(self) -> bool:
        """Set a clock forward or back by up to a day."""
        most = self.dice.choose(_JUMPS)
        self.scene.skews[self.dice.choose(list(self.scene.skews))] += self.dice.integer(-most, most)
        return True

    def _tear(self) -> bool:
        return self.scene.disk.tear(self.dice)

    def _inject(self) -> bool:
        """Append what nobody can read, as a stranger may on Kafka."""
        self.scene.inject(Entry(self.dice.choose(_TOPICS), "", self.dice.choose(_GARBAGE)))
        return True
