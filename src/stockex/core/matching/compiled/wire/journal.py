"""The journal: all facts of a batch as lines of JSON."""

import numpy as np

from stockex.core.matching.compiled.tables import Records
from stockex.core.matching.compiled.wire.texts import SOURCE, Texts
from stockex.core.matching.compiled.wire.writing import LINE_ROOM, Batch, write
from stockex.vocabulary.enums import SelfTrade

_ROOM = 1 << 20


class Journal:
    """Writes facts. The texts are those by whose numbers commands and facts call everything."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._modes = np.zeros(0, np.uint8)
        self._out = np.empty(_ROOM, np.uint8)
        self._cause = np.zeros(3, np.int64)
        self._digits = np.empty(64, np.uint8)
        self._sources = self._longest = 0

    def set_mode(self, symbol: int, mode: SelfTrade) -> None:
        """Take note of a symbol's own mode of self-trade prevention."""
        if symbol >= len(self._modes):
            self._modes = np.resize(self._modes, 2 * (symbol + 1))
        self._modes[symbol] = list(SelfTrade).index(mode)

    def lines(self, facts: Records, commands: Records) -> tuple[bytes, list[int]]:
        """Return the lines of all facts, and for each command the place behind its lines; 0 where it has none."""
        ends = np.zeros(len(commands), np.int64)
        room = LINE_ROOM + self._longest_source()
        chunks: list[bytes] = []
        place = before = 0
        while place < len(facts):
            first, began = place, int(facts["command"][place])
            scratch = (self._cause, self._digits, self._out)
            batch = Batch(facts, commands, self._texts.arrays, self._modes, *scratch, ends)
            place, size = write(batch, place, room)
            if place == first:
                self._out = np.empty(2 * len(self._out), np.uint8)
                continue
            ends[began : facts["command"][place - 1] + 1] += before * (
                ends[began : facts["command"][place - 1] + 1] > 0
            )
            chunks.append(self._out[:size].tobytes())
            before += size
        return b"".join(chunks), ends.tolist()

    def _longest_source(self) -> int:
        arrays, count = self._texts.arrays, self._texts.count(SOURCE)
        if count != self._sources:
            self._sources = count
            self._longest = int(arrays.entries[arrays.known[SOURCE, :count], 1].max(initial=0))
        return self._longest
