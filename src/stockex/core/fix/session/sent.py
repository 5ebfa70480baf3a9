"""What was sent, to be sent again: kept by number, and gone through in pieces."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import msgspec

from stockex.core.fix.encode import encoded
from stockex.core.fix.message import Message
from stockex.core.fix.session.settings import FIRST, SessionSettings
from stockex.core.fix.session.throttle import Turns

KEPT: Final = 100_000


class Sent(Protocol):
    """The application messages sent in one session, by number. A shell may rebuild them from its log instead."""

    def keep(self, number: int, frame: bytes) -> None:
        """Remember what was sent under `number`; numbers ascend."""

    def frame(self, number: int) -> bytes | None:
        """Return what was sent under `number`; None for one of the session's own, or one that is no longer there."""

    def forget(self) -> None:
        """Forget everything: the numbers begin anew."""


class SentInMemory:
    """The newest messages, at most `kept` of them."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._frames: OrderedDict[int, bytes] = OrderedDict()  # whose first item is found at once, as a dict's is not

    @property
    def frames(self) -> Mapping[int, bytes]:
        """What is kept, by number."""
        return self._frames

    def restore(self, frames: Mapping[int, bytes]) -> None:
        """Keep what was kept elsewhere, and nothing before."""
        self._frames = OrderedDict(frames)

    def keep(self, number: int, frame: bytes) -> None:
        """As `Sent` says."""
        self._frames[number] = frame
        if len(self._frames) > self._kept:
            self._frames.popitem(last=False)

    def frame(self, number: int) -> bytes | None:
        """As `Sent` says."""
        return self._frames.get(number)

    def forget(self) -> None:
        """As `Sent` says."""
        self._frames.clear()


class Again(msgspec.Struct, frozen=True):
    """One step of sending again.

    Attributes:
        frame: What was sent as `number`; None for a gap from `number` up to, not including, `following`.
    """

    number: int
    following: int
    frame: bytes | None


class Resending:
    """What a counterparty still has to get again. Work is done in pieces, so that new messages flow between them.

    Attributes:
        at: The next piece may be sent then.
    """

    def __init__(self, sent: Sent, turns: Turns | None = None) -> None:
        """Send again what `sent` has; by `turns` sessions share the time for it."""
        self.at = 0
        self._turns = turns
        self._sent = sent
        self._next = FIRST
        self._end = FIRST

    @property
    def is_pending(self) -> bool:
        """Something is still to be sent again."""
        return self._next < self._end

    def ask(self, begin: int, *, end: int) -> None:
        """Take a request for the numbers from `begin` up to, not including, `end`.

        What is still pending stays so: the two become one range, and a storm of requests costs one pass at a time.
        """
        if self.is_pending:
            begin, end = min(begin, self._next), max(end, self._end)
        self._next, self._end = begin, end

    def stop(self) -> None:
        """Forget the request."""
        self._next = self._end

    def piece(self, size: int, at: int = 0) -> Iterator[Again]:
        """Yield the next messages and gaps, at most `size` of them, none before their turn at `at`."""
        if not self.is_pending or at < self.at:
            return
        if self._turns is not None:
            self.at = self._turns.next(at)
        for _ in range(size):
            if not self.is_pending:
                return
            number = self._next
            frame = self._sent.frame(number)
            following = number + 1
            while frame is None and following < self._end and self._sent.frame(following) is None:
                following += 1
            self._next = following
            yield Again(number, following, frame)


def gap_fill(again: Again, settings: SessionSettings, *, now: str) -> bytes:
    """Return the SequenceReset that fills a gap, sent at `now`."""
    header: dict[int, str] = {34: str(again.number), 43: "Y", 52: now, 122: now}
    header |= {49: settings.sender, 56: settings.target}
    body = {36: str(again.following), 123: "Y"}
    return encoded(Message("4", header, body, {}, settings.begin_string))
