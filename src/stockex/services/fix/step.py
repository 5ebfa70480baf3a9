"""What one turn of a connection brings to the log."""

from stockex.core.fix.message import Message
from stockex.messages.orders import AnyCommand


class Step:
    """What one turn of a connection has brought, to be appended in one piece."""

    def __init__(self) -> None:
        self.commands: list[AnyCommand] = []
        self.origins: list[Message] = []
        """The message behind each command of an order or a request."""
        self.firsts: list[AnyCommand] = []
        """What rules of a test venue have its own account do before."""
        self.lasts: list[AnyCommand] = []
        """And after."""
        self.lists: dict[str, tuple[str, ...]] = {}
