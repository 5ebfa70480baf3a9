"""The kill switches as screens show them."""

from typing import ClassVar, Self

import msgspec

from stockex.messages.codec import Message
from stockex.messages.control import Killed, Released
from stockex.messages.topics import Topic
from stockex.messages.views import KillsView

_NOBODY = KillsView(everybody=False, accounts=())


class Switches:
    """Follow which kill switches are on (CTL-01 to CTL-04)."""

    topics: ClassVar[frozenset[Topic]] = frozenset({Topic.CONTROL})

    def __init__(self, kills: KillsView = _NOBODY) -> None:
        self._kills = kills

    def apply(self, message: Message) -> None:
        """Take in one fact. The engine turns no switch to where it is."""
        match message:
            case Killed() | Released() if message.account is None:
                self._kills = KillsView(everybody=isinstance(message, Killed), accounts=self._kills.accounts)
            case Killed():
                self._turn({*self._kills.accounts, str(message.account)})
            case Released():
                self._turn(set(self._kills.accounts) - {message.account})
            case _:
                pass

    def kills(self) -> KillsView:
        """Return all switches that are on."""
        return self._kills

    def seen_by(self, account: str | None) -> KillsView:
        """Return what somebody may know who is no operator: the switch for everybody, and the own one."""
        own = tuple(name for name in self._kills.accounts if name == account)
        return KillsView(everybody=self._kills.everybody, accounts=own)

    def dump(self) -> bytes:
        """Return the whole state as JSON."""
        return msgspec.json.encode(self._kills)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the switches that `dump` described. Raises: msgspec.MsgspecError: it described none."""
        return cls(msgspec.json.decode(data, type=KillsView))

    def _turn(self, accounts: set[str]) -> None:
        self._kills = KillsView(everybody=self._kills.everybody, accounts=tuple(sorted(accounts)))
