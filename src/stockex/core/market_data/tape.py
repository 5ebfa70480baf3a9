"""The tape: trades as they stand now, also when they were undone after they were told."""

from msgspec import Struct
from msgspec.structs import replace

from stockex.messages.executions import TradeCorrected
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.views import TradeStatus


class Print(Struct, frozen=True):
    """One trade on the tape. When it was corrected, `trade` has the terms of now.

    `changed_by` is the command that changed it last, `note` what its sender said about it.
    """

    trade: Trade
    status: TradeStatus = TradeStatus.DONE
    changed_by: int | None = None
    note: str = ""

    def after(self, fact: Bust | Correction) -> "Print":
        """Return the trade as it stands after it was busted or corrected."""
        terms = {"price": fact.price, "qty": fact.qty}
        return Print(replace(self.trade, **terms), status_after(fact), fact.offset, fact.text)


def status_after(fact: object) -> TradeStatus:
    """Return how a trade stands after a correction or after a bust, of the tape or of its owners."""
    return TradeStatus.CORRECTED if isinstance(fact, Correction | TradeCorrected) else TradeStatus.BUSTED


def cause_of(trade_id: str) -> int:
    """Return the command that made a trade: its id begins with that command's offset (FCT-02)."""
    return int(trade_id.partition("-")[0])


def place_of(prints: list[Print], trade_id: str) -> int | None:
    """Return where a trade stands among prints, None when it is not there any more. Cost: O(newer prints)."""
    for place in range(len(prints) - 1, -1, -1):
        if prints[place].trade.trade_id == trade_id:
            return place
    return None
