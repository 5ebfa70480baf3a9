"""An inbox: waits for messages of an initiator, one after the other."""

import asyncio
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from stockex.core.fix.message import Message
from stockex.errors import FixError
from stockex.fix_client.heard import Delivered, Down, Happening, Up
from stockex.fix_client.initiator import Initiator

KEPT: Final = 100_000


class Inbox:
    """The messages that an initiator's application got and nobody has taken yet, at most `KEPT` of them.

    A context manager: it listens from its beginning to its end.
    """

    def __init__(self, initiator: Initiator) -> None:
        self._initiator = initiator
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._is_down = False

    def __enter__(self) -> Self:
        self._initiator.listen(self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._initiator.ignore(self._hear)

    async def next(self, msg_type: str = "", **fields: str) -> Message:
        """Take the next message, or the next one of this type with these values; others before it stay.

        Args:
            msg_type: Any type when empty.
            fields: Values of the body by tag, such as `tag11="A1"`.

        Raises:
            FixError: the connection has ended and no such message came before.
        """
        wanted = {int(name.removeprefix("tag")): value for name, value in fields.items()}
        while True:
            for message in self._messages:
                if _is(message, msg_type, wanted=wanted):
                    self._messages.remove(message)
                    return message
            if self._is_down:
                raise FixError(f"the connection ended before {msg_type or 'a message'} with {wanted} came")
            self._news.clear()
            await self._news.wait()

    def _hear(self, happening: Happening) -> None:
        match happening:
            case Delivered(_, message):
                self._messages.append(message)
            case Up():
                self._is_down = False
            case Down():
                self._is_down = True
            case _:
                return
        self._news.set()


def _is(message: Message, msg_type: str, *, wanted: Mapping[int, str]) -> bool:
    has = all(message.text(tag) == value for tag, value in wanted.items())
    return has and (not msg_type or message.msg_type == msg_type)
