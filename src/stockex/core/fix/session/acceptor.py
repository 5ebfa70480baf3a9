"""Many sessions behind one door: the first message of a connection says whose it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from stockex.core.fix.decode import Decoder
from stockex.core.fix.framing import Frame, Framer, Garbled
from stockex.core.fix.message import head
from stockex.core.fix.session.outputs import Disconnect, Noted, Output
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.table import State
from stockex.core.fix.times import SECOND

LOGON_WAIT: Final = 10 * SECOND
"""How long a connection may be without a logon."""

NOTED: Final = 10
"""Of so much that is garbled on one connection each is noted; of what follows, each power of ten."""


class Acceptor:
    """Sessions by the CompIDs of the two sides, ours first."""

    def __init__(self, sessions: Iterable[Session], decoder: Decoder) -> None:
        self.sessions: Mapping[tuple[str, str], Session] = {
            (session.settings.sender, session.settings.target): session for session in sessions
        }
        self.decoder = decoder


class Connection:
    """One connection. One that they made has no session until a Logon of one that is free."""

    def __init__(self, acceptor: Acceptor, at: int) -> None:
        self._acceptor = acceptor
        self._framer = Framer()
        self._opened = at
        self._is_cut = False
        self._place = 0
        self._skipped = 0
        self.session: Session | None = None
        self.hears: Callable[[Frame], bool] | None = None
        """Says whether the session hears a frame; None: it hears all. For venues that lose messages on purpose."""

    def dial(self, session: Session, at: int) -> list[Output]:
        """Log on, over a connection that we made."""
        self.session = session
        outputs = session.dial(at)
        self._place = session.connections
        return outputs

    @property
    def _is_over(self) -> bool:
        """Whether nothing more is to be done: the session has ended it, or has another connection since."""
        return self._is_cut or (self.session is not None and self.session.connections != self._place)

    def received(self, data: bytes, at: int) -> Iterator[Output]:
        """Take bytes; yield what is to be done about each message before the next one is read."""
        for found in self._framer.feed(data):
            if self._is_over:
                return
            outputs: Iterable[Output]
            if isinstance(found, Garbled):
                outputs = self._garbled(found, at)
            else:
                message = self._acceptor.decoder.decode(found)
                if self.session is None:
                    names = head(message, 56), head(message, 49)
                    refusal = self._refusal(message.msg_type, names)
                    if refusal:
                        self._is_cut = True
                        yield from (Noted(refusal), Disconnect())
                        return
                    self.session = self._acceptor.sessions[names]
                    begun = self.session.connect(at)
                    self._place = self.session.connections
                    yield from begun
                if self.hears is not None and not self.hears(found):
                    continue
                outputs = self.session.arrived(message, at)
            for output in outputs:
                self._is_cut = self._is_cut or isinstance(output, Disconnect)
                yield output

    def due(self) -> int | None:
        """Return when `tick` is to be called next."""
        if self._is_over:
            return None
        return self._opened + LOGON_WAIT if self.session is None else self.session.due()

    def tick(self, at: int) -> list[Output]:
        """Let time pass."""
        if self._is_over:
            return []
        if self.session is not None:
            outputs = self.session.tick(at)
            self._is_cut = any(isinstance(output, Disconnect) for output in outputs)
            return outputs
        self._is_cut = at >= self._opened + LOGON_WAIT
        return [Noted("no logon in time"), Disconnect()] if self._is_cut else []

    def closed(self, at: int) -> list[Output]:
        """Take the end of the connection."""
        session, is_over = self.session, self._is_over
        self.session, self._is_cut = None, True
        return [] if session is None or is_over else session.hang_up(at)

    def _garbled(self, found: Garbled, at: int) -> list[Output]:
        if self.session is not None:
            self._skipped += 1
            is_told = self._skipped <= NOTED or f"{self._skipped}".rstrip("0") == "1"
            outputs = self.session.garbled(found.why, at)
            return outputs if is_told else [each for each in outputs if not isinstance(each, Noted)]
        return [Noted(f"garbled before logon: {found.why}"), Disconnect()]

    def _refusal(self, msg_type: str, names: tuple[str, str]) -> str:
        """Return why a first message begins no session, "" if it does."""
        if msg_type != "A":
            return f"first message is {msg_type!r}, not a logon"
        session = self._acceptor.sessions.get(names)
        if session is None:
            return f"no session {names[0]!r} with {names[1]!r}"
        return "" if session.state is State.DISCONNECTED else "the session is up already"
