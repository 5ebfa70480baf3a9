"""The projections that the parts of a process read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from stockex.core.clearing.house import House
from stockex.core.market_data.bars import Bars
from stockex.core.market_data.blotter import Blotter
from stockex.core.market_data.market import Market
from stockex.core.market_data.switches import Switches
from stockex.services.trust.projections import Projection
from stockex.vocabulary.services import Service


@dataclass(frozen=True)
class Views:
    """The projections that screens, members, the analyst and the feeder read."""

    market: Market
    bars: Bars
    blotter: Blotter
    house: House
    switches: Switches

    @classmethod
    def empty(cls) -> Self:
        """Return views that have seen nothing."""
        return cls(Market(), Bars(), Blotter(), House(), Switches())

    def of(self, service: Service | None) -> Sequence[Projection]:
        """Return those that a process reads."""
        match service:
            case Service.FEEDER | Service.FIX:
                return (self.market,)
            case Service.COLLATOR | Service.MATCHER:
                return ()
            case Service.ANALYST:
                return (self.market, self.house)
            case Service.MEMBERS:
                return (self.market, self.blotter, self.house)
            case _:
                return (self.market, self.bars, self.blotter, self.house, self.switches)
