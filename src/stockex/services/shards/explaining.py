"""Why the facts of a command came about that several shards obeyed."""

import asyncio
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from stockex.core.shards.collating import places
from stockex.core.shards.routing import home_of
from stockex.core.why.words import Called, owner_and_id
from stockex.messages.views import Why
from stockex.services.explainer import Explainer, Moment
from stockex.services.shards.part import teller_at


def whys_of(moments: Sequence[Moment], called: Called = owner_and_id) -> tuple[Why, ...]:
    """Return why the facts of a command came about, given its moment in each shard, shard 0 first; or its only one."""
    if len(moments) == 1:
        return moments[0].whys(called)
    teller = teller_at(moments[0].record, len(moments))
    if teller is not None:
        return moments[teller].whys(called)
    return tuple(_placed(moments, called))


def _placed(moments: Sequence[Moment], called: Called) -> Iterable[Why]:
    """Yield what each shard says, by the index that the fact has in the log; what several say alike, once."""
    said: dict[Why, None] = {}
    for moment, standing in zip(moments, places([each.facts for each in moments]), strict=True):
        for why in moment.whys(called):
            if standing[why.index] >= 0:
                said[replace(why, index=standing[why.index])] = None
    return sorted(said, key=lambda why: why.index)


class Explainers:
    """Explains what several shards did: each has an explainer of its own, of the exchange that follows it."""

    def __init__(self, explainers: Sequence[Explainer]) -> None:
        """Ask these, shard 0 first."""
        self._explainers = explainers

    async def explained(self, offset: int, called: Called) -> tuple[Why, ...]:
        """Return why each fact of the command at `offset` came about. Raises: as `Explainer.explained`.

        If one shard alone tells of it, no other one is asked but the first, which knows the record.
        """
        first, *others = self._explainers
        moments = [await first.moment(offset)]
        teller = teller_at(moments[0].record, len(self._explainers))
        if teller is None:
            moments += [await each.moment(offset) for each in others]
        elif teller > 0:
            moments = [await self._explainers[teller].moment(offset)]
        return await asyncio.to_thread(whys_of, moments, called)

    def auction(self, symbol: str) -> tuple[Why, ...]:
        """Return why the auction that would be held now has its price. Raises: NothingThere: no call runs."""
        return self._explainers[home_of(symbol, len(self._explainers))].auction(symbol)
