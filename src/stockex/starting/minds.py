"""The exchanges of a process: each obeys the log, and can say why what happened did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stockex import journal
from stockex.adapters.checkpoints import Checkpoints
from stockex.adapters.profiles import DEFAULT_PROFILE, profile
from stockex.adapters.securities import securities
from stockex.adapters.settings import Settings
from stockex.bus.interface import Bus
from stockex.bus.patient import PatientBus
from stockex.core.exchange import Exchange
from stockex.core.genesis import genesis, new_rules, opening
from stockex.core.shards.routing import Shard, home_of
from stockex.messages.orders import AnyCommand, Deposit
from stockex.messages.topics import Topic
from stockex.services.engines.choosing import engine_on
from stockex.services.engines.interface import MatchingEngine
from stockex.services.engines.plain import PlainEngine
from stockex.services.engines.shown import Shown
from stockex.services.explainer import Explainer
from stockex.services.matcher import Matcher, Shadow, facts_of, recovered
from stockex.services.shards.explaining import Explainers
from stockex.services.shards.part import obeying
from stockex.services.standby.heir import Heir
from stockex.starting.plan import Plan
from stockex.vocabulary.services import Service
from stockex.web.parts import Explains

_SHARD: Final = "a shard obeys on the plain book"


@dataclass(frozen=True)
class Mind:
    """An exchange that obeys the log, and who says why. Its matcher publishes, or follows one that does."""

    matcher: Matcher
    explainer: Explainer


def mind_of(plan: Plan, bus: Bus, *, shard: Shard | None, checkpoints: Checkpoints, end: int) -> Mind:
    """Return a mind for a log of `end` commands: for all of it, or for what concerns a shard."""
    exchange = recovered(checkpoints, end=end)
    obey = facts_of if shard is None else obeying(shard)
    engine: MatchingEngine
    engine = engine_on(plan.settings.book, exchange) if shard is None else PlainEngine(exchange, obey=obey, why=_SHARD)
    explainer = Explainer(
        lambda since: journal.recorded(plan.settings, Topic.ORDERS, since=since), lambda: engine.exchange, obey=obey
    )
    explainer.keep(engine.next_offset, engine.dump())
    kind = Heir if plan.stands_by else Matcher if plan.has(Service.MATCHER) else Shadow
    return Mind(kind(PatientBus(bus), engine, checkpoints=checkpoints, keep=explainer.keep), explainer)


async def shown_by(mind: Mind, bus: Bus) -> Shown:
    """Return what a matcher in a process of its own shows; it hears what that tells from now on. Raises: LogError."""
    shown = Shown(mind.matcher.engine)
    mind.matcher.heard = shown.hear
    await shown.restore(bus)
    return shown


def explainer_of(minds: Sequence[Mind]) -> Explains:
    """Return who says why: of one mind, or of those of all shards."""
    return minds[0].explainer if len(minds) == 1 else Explainers([mind.explainer for mind in minds])


def missing(settings: Settings, exchange: Exchange, *, is_new: bool) -> list[AnyCommand]:
    """Return what the configuration has and the log has not; `is_new`: the log is empty."""
    desk = exchange.desk
    listed = securities(settings.securities_file, more=settings.more_securities)
    rules = profile(settings.profile or DEFAULT_PROFILE)
    commands = genesis(listed, accounts=desk.accounts.balances.keys(), symbols=desk.listings.keys(), rules=rules)
    if settings.profile is not None:
        commands += new_rules(rules, known={symbol: each.rules for symbol, each in desk.listings.items()})
    if is_new and settings.autostart:
        commands.append(opening())
    return commands


def missing_in(settings: Settings, exchange: Exchange, *, shard: Shard, is_new: bool) -> list[AnyCommand]:
    """Return what the configuration has and the log has not, as far as a shard is to see to it.

    Shard 0 makes a new log, all of it at once, so that its first session has every symbol; the others wait for that.
    Later each adds symbols of its own, and shard 0 accounts.
    """
    del is_new
    begun = bool(exchange.desk.accounts.balances)
    if not begun:
        return missing(settings, exchange, is_new=True) if shard.number == 0 else []
    return [command for command in missing(settings, exchange, is_new=False) if _is_for(shard, command)]


def _is_for(shard: Shard, command: AnyCommand) -> bool:
    symbol: str | None = getattr(command, "symbol", None)
    if symbol is None:
        return shard.number == 0 and isinstance(command, Deposit)
    return home_of(symbol, shard.total) == shard.number
