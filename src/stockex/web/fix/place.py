"""Where visitors of the FIX page may connect to, and as whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from stockex.bus.interface import Clock
from stockex.core.fix.powers.register import Powers
from stockex.fix_client.initiator import Venue

ANYWHERE: Final = "*"
_LOCAL: Final = "localhost"


@dataclass(frozen=True, kw_only=True)
class FixPlace:
    """What `app` gives to the FIX page.

    Attributes:
        venue: Where the page connects to unless told otherwise.
        target: The venue's CompID.
        senders: CompIDs that it knows, the ones to be offered.
        allowed: Further venues as `host:port`, or `*` for any.
        demo: Whether a CompID's password is its name.
        symbols: What can be traded, for suggestions.
        powers: The rules of the venue, if it is in this process: a visitor may set those of its own session.
    """

    venue: Venue
    target: str
    senders: Sequence[str]
    clock: Clock
    allowed: Sequence[str] = ()
    demo: bool = False
    symbols: Callable[[], Sequence[str]] = field(default=tuple)
    powers: Powers | None = None

    def allows(self, venue: Venue) -> bool:
        """Say whether a visitor may connect there."""
        named = {f"{plain(each.rpartition(':')[0])}:{each.rpartition(':')[2]}" for each in self.allowed}
        return ANYWHERE in self.allowed or self.is_own(venue) or f"{plain(venue.host)}:{venue.port}" in named

    def is_own(self, venue: Venue) -> bool:
        """Say whether that is the exchange's own gateway."""
        return (plain(venue.host), venue.port) == (plain(self.venue.host), self.venue.port)


def plain(host: str) -> str:
    """Return a host in one spelling: this machine's are one."""
    return _LOCAL if is_loopback(host) else host.lower()


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, for this machine only."""
    if host.lower() == _LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
