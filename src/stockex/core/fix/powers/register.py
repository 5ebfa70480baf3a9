"""Which rules hold for which session: set at any time, and seen by the gateway at the next message."""

from collections.abc import Mapping

from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.rules import Script

EVERY = "*"
"""Stands for every session that has no script of its own."""


class Powers:
    """The scripts of all sessions, each with its counts. A script that is set begins to count anew."""

    def __init__(self, scripts: Mapping[str, Script] | None = None) -> None:
        self._given = dict(scripts or {})
        self._choosers: dict[str, Chooser] = {}

    def set(self, session: str, script: Script) -> None:
        """Let a session have these rules from its next message on, in place of those that it had."""
        self._choosers[session] = Chooser(script)

    def chooser(self, session: str) -> Chooser | None:
        """Return what chooses rules for a session, None when it has none."""
        if session not in self._choosers:
            script = self._given.get(session) or self._given.get(EVERY)
            if script is None:
                return None
            self._choosers[session] = Chooser(script)
        found = self._choosers[session]
        return found if found.script.rules else None

    def script(self, session: str) -> Script:
        """Return the rules of a session."""
        found = self.chooser(session)
        return Script() if found is None else found.script

    def met(self, session: str) -> tuple[int, ...]:
        """Return how often each of its rules was met."""
        found = self.chooser(session)
        return () if found is None else found.met
