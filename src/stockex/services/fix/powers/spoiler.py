"""A line under rules: bytes leave when and how they say."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from stockex.bus.interface import Clock
from stockex.core.fix.framing import Frame, Framer, framed
from stockex.core.fix.powers.wire import Cut, Effect, Wire, Write
from stockex.core.fix.times import SECOND


class Spoiler:
    """Stands between a session and its socket.

    Attributes:
        act: Told what the session itself must do.
    """

    def __init__(
        self, wire: Wire, writer: asyncio.StreamWriter, *, clock: Clock, act: Callable[[Effect], None]
    ) -> None:
        self.act = act
        self._wire = wire
        self._writer = writer
        self._clock = clock
        self._waiting: deque[Write | Cut] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        """Take what the session sends: whole frames."""
        for frame in Framer().feed(data):
            assert isinstance(frame, Frame), "what a session sends is whole"
            raw = framed(frame.text, begin_string=frame.begin_string)
            self._do(self._wire.sent(raw, self._clock()))

    def hears(self, frame: Frame) -> bool:
        """Say whether the session hears a message."""
        is_heard, effects = self._wire.heard(frame.text, self._clock())
        self._do(effects)
        return is_heard

    def _do(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write | Cut):
                self._waiting.append(effect)
            else:
                self.act(effect)
        self._flush()

    def _flush(self) -> None:
        """Let leave what is due; ring for the next."""
        while self._waiting and self._waiting[0].at <= self._clock():
            match self._waiting.popleft():
                case Write(data) if not self._writer.is_closing():
                    self._writer.write(data)
                case Cut():
                    self._waiting.clear()
                    self._writer.close()
                case _:
                    pass
        if self._waiting and self._alarm is None:
            wait_s = max(0, self._waiting[0].at - self._clock()) / SECOND
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._flush()
