"""What one process runs, and where it is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from stockex.adapters.clock import wall_clock
from stockex.adapters.fix_sessions import SCREENS, fix_sessions
from stockex.adapters.settings import Settings
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.powers.rules import Script
from stockex.errors import ConfigurationError
from stockex.fix_client.initiator import Venue
from stockex.journal import EXCHANGE
from stockex.serving import Address
from stockex.vocabulary.services import Service
from stockex.web.fix.place import ANYWHERE, FixPlace, is_loopback

_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 (compared, not bound)

Say = Callable[[str], None]
"""Where start-up lines go."""


class Seat(NamedTuple):
    """Where a service is found: its port, what `Door.home` says of it, and whether it has pages or REST."""

    port: int
    home: Mapping[str, str] = MappingProxyType({})
    has_site: bool = True


SEATS: Final[Mapping[Service, Seat]] = MappingProxyType(
    {
        Service.MATCHER: Seat(6000, dict.fromkeys(("health", "trades", "orderbook", "metrics"), "/matcher")),
        Service.FEEDER: Seat(6001, has_site=False),
        Service.DASHBOARD: Seat(5000),
        Service.CLEARING: Seat(5004, {"": "/ch"}),
        Service.MEMBERS: Seat(6002, has_site=False),
        Service.FIX: Seat(6003, has_site=False),
        Service.FIX_UI: Seat(5002, {"": "/fix"}),
    }
)
"""The seed's ports; it gave none to the feeder and the members. The FIX gateway answers for its health here."""


@dataclass(frozen=True)
class Plan:
    """What one process runs: one service, or all of them when `service` is None."""

    settings: Settings
    say: Say
    service: Service | None = None

    def has(self, service: Service) -> bool:
        """Say whether this service runs in this process."""
        return self.service in {None, service}

    @property
    def writer(self) -> str:
        """Under which name the process writes the log: all that publish facts have the same, so that only one can."""
        return EXCHANGE if self.service in {None, Service.MATCHER} else self.service.value

    @property
    def stands_by(self) -> bool:
        """Whether the process follows the log until nobody else leads."""
        return self.service is Service.MATCHER

    @property
    def address(self) -> Address:
        """Where to listen: as set, or at the service's port; a second matcher beside the first takes a free one."""
        given = "port" in self.settings.model_fields_set
        port = self.settings.port if given or self.service is None else SEATS[self.service].port
        return Address(self.settings.host, port, may_move=self.service is Service.MATCHER and not given)


def place_of(settings: Settings, symbols: Callable[[], Sequence[str]], *, powers: Powers | None = None) -> FixPlace:
    """Return the place of the FIX page. A page that only this machine can open may connect anywhere from it.

    `powers` are those of the gateway in the same process.
    """
    allowed = tuple(filter(None, settings.fix_ui_venues.split(",")))
    if not allowed and is_loopback(settings.host):
        allowed = (ANYWHERE,)
    sessions = fix_sessions(settings.fix_sessions)
    host = "127.0.0.1" if settings.host == _EVERYWHERE else settings.host
    return FixPlace(
        venue=Venue(host, settings.fix_port or 5001),
        target=sessions.sender,
        senders=sorted((session.target for session in sessions.sessions), key=lambda name: name not in SCREENS),
        clock=wall_clock,
        allowed=allowed,
        demo=settings.demo,
        symbols=symbols,
        powers=powers,
    )


def powers_of(settings: Settings) -> Powers:
    """Return the rules of FIX sessions, by CompID, `*` for all others.

    Raises:
        ConfigurationError: the file cannot be read, or holds a value that cannot be used; the value is named.
    """
    path = settings.fix_rules
    if path is None:
        return Powers()
    try:
        return Powers(msgspec.toml.decode(path.read_bytes(), type=dict[str, Script]))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
