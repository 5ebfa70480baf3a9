"""What one process runs, and where it is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from stockex import journal
from stockex.adapters.clock import wall_clock
from stockex.adapters.credentials import Credentials
from stockex.adapters.fix_sessions import SCREENS, fix_sessions
from stockex.adapters.settings import Settings
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.powers.rules import Script
from stockex.core.shards.routing import Shard
from stockex.errors import ConfigurationError
from stockex.fix_client.initiator import Venue
from stockex.serving import Address
from stockex.vocabulary.services import LiveBook, Service
from stockex.web.fix.place import ANYWHERE, FixPlace, is_loopback

_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 (compared, not bound)

Say = Callable[[str], None]
"""Where start-up lines go."""


class Seat(NamedTuple):
    """Where a service is found: its port, what `Door.home` says of it, and whether it has pages or REST."""

    port: int
    home: Mapping[str, str] = MappingProxyType({})
    has_site: bool = True

    @property
    def front_page(self) -> str:
        """The page that stands at `/`."""
        return f"{self.home.get('', '')}/"


SEATS: Final[Mapping[Service, Seat]] = MappingProxyType(
    {
        Service.MATCHER: Seat(6000, dict.fromkeys(("health", "trades", "orderbook", "metrics", "books"), "/matcher")),
        Service.COLLATOR: Seat(6004, has_site=False),
        Service.FEEDER: Seat(6001, has_site=False),
        Service.DASHBOARD: Seat(5000),
        Service.CLEARING: Seat(5004, {"": "/ch"}),
        Service.MEMBERS: Seat(6002, has_site=False),
        Service.FIX: Seat(6003, has_site=False),
        Service.FIX_UI: Seat(5002, {"": "/fix"}),
        Service.FRONTEND: Seat(5003, {"": "/frontend"}),
        Service.ANALYST: Seat(6005, has_site=False),
    }
)
"""The seed's ports; it gave none to feeder, members and analyst. The FIX gateway answers for its health here."""


@dataclass(frozen=True)
class Plan:
    """What one process runs: one service, or all of them when `service` is None."""

    settings: Settings
    say: Say
    service: Service | None = None

    def has(self, service: Service) -> bool:
        """Say whether this service runs in this process."""
        return self.service in {None, service}

    def __post_init__(self) -> None:
        """Refuse what cannot be run. Raises: ConfigurationError."""
        fault = _fault(self.settings, self.service)
        if fault is not None:
            raise ConfigurationError(fault)

    @property
    def shard(self) -> Shard | None:
        """Which shard's matcher this is; None: it is none."""
        if self.service is not Service.MATCHER or self.settings.shards == 1:
            return None
        assert self.settings.shard is not None, "a plan is checked"
        return Shard(self.settings.shard, self.settings.shards)

    @property
    def seen(self) -> Sequence[Shard | None]:
        """Of which shards the process has an exchange: none, its own, or all; None: the log has none."""
        total = self.settings.shards
        if self.service is not None and not SEATS[self.service].has_site:
            return ()
        return (self.shard,) if self.shard or total == 1 else [Shard(number, total) for number in range(total)]

    @property
    def writer(self) -> str:
        """Under which name the process writes the log: all that publish the same facts have the same one."""
        if self.shard is not None:
            return journal.name_of(self.shard.number)
        if self.service in {None, Service.MATCHER, Service.COLLATOR}:
            return journal.EXCHANGE
        return str(self.service)

    @property
    def owner(self) -> str:
        """Whose the checkpoints are; "": of all services in one process."""
        return self.writer if self.shard is not None else self.service or ""

    @property
    def has_views(self) -> bool:
        """Whether the process reads the facts of the log: a matcher knows them, a collator has its own way."""
        return self.service not in {Service.MATCHER, Service.COLLATOR}

    @property
    def stands_by(self) -> bool:
        """Whether the process waits until nobody else leads."""
        return self.service in {Service.MATCHER, Service.COLLATOR}

    @property
    def address(self) -> Address:
        """Where to listen: as set, or at the service's port; a second matcher beside the first takes a free one."""
        given = "port" in self.settings.model_fields_set
        port = self.settings.port if given or self.service is None else SEATS[self.service].port
        return Address(self.settings.host, port, may_move=self.stands_by and not given)


def _fault(settings: Settings, service: Service | None) -> str | None:
    """Return why a service, or all of them in one process, cannot be run with these shards; None when it can."""
    shards, shard = settings.shards, settings.shard
    if shards == 1:
        if service is Service.COLLATOR:
            return "one matcher needs no collator: set STOCKEX_SHARDS, the same for all processes of the log"
        return None if shard is None else f"STOCKEX_SHARD={shard} needs STOCKEX_SHARDS, how many there are"
    if service is None:
        return f"STOCKEX_SHARDS={shards} needs a process for each: `stockex run`, on Kafka; docs/shards.md"
    if settings.book is LiveBook.COMPILED:
        return f"STOCKEX_SHARDS={shards} matchers obey on the plain book: leave STOCKEX_BOOK out"
    if service is Service.MATCHER and (shard is None or shard >= shards):
        return f"which shard is it? Set STOCKEX_SHARD, from 0 to {shards - 1}"
    return None


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


def credentials_of(plan: Plan) -> Credentials:
    """Return who may log in; say the passwords that were made just now."""
    credentials = Credentials.open(plan.settings.data, demo=plan.settings.demo)
    for user, password in credentials.generated.items():
        plan.say(f"password   {user} {password}   (shown this once)")
    return credentials
