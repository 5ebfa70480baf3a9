"""What a matcher in a process of its own shows: its own engine's books, the newest trades, and how much it has told.

Reading back from the log what it has just written would take it more time than to match.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stockex.bus.interface import Bus
from stockex.core.market_data.market import TAPE_OF_ALL
from stockex.core.market_data.tape import Print
from stockex.errors import WireError
from stockex.messages.codec import decode
from stockex.messages.envelope import Entry
from stockex.messages.executions import Accepted, Cancelled, Fact, Quarantined, Rejected, Replaced
from stockex.messages.market_data import Bust, Correction, Trade
from stockex.messages.topics import Topic
from stockex.messages.views import Depth
from stockex.services.engines.interface import MatchingEngine
from stockex.services.trust.unfit import Tally, unfit_of

_TYPE: Final = slice(len(b'{"type":"'), len(b'{"type":"') + 8)


def _begins(kind: type[Fact]) -> bytes:
    """Return how the type of such a fact begins on the wire."""
    return f'{{"type":"{kind.__struct_config__.tag}","'.encode()[_TYPE]


_COUNTED: Final = {
    _begins(Accepted): "orders",
    _begins(Trade): "trades",
    _begins(Cancelled): "cancels",
    _begins(Replaced): "replaces",
    _begins(Rejected): "rejects",
}
_QUARANTINED: Final = _begins(Quarantined)


class Shown:
    """What one matcher can show. It hears its entries as they are told, and asks its engine for the rest.

    Args: engine: What obeys.
    """

    def __init__(self, engine: MatchingEngine) -> None:
        self._engine = engine
        self._types: Counter[bytes] = Counter()
        self._tape: deque[bytes] = deque(maxlen=TAPE_OF_ALL)
        self._tally = Tally()

    async def restore(self, bus: Bus) -> None:
        """Take the newest trades from the log. Raises: LogError."""
        told = [record.value for record in await bus.last(Topic.TRADES, TAPE_OF_ALL) if record.is_ours]
        self._tape.extendleft(reversed(told[: TAPE_OF_ALL - len(self._tape)]))

    def hear(self, entries: Sequence[Entry]) -> None:
        """Take note of what the engine has told."""
        types = [entry.value[_TYPE] for entry in entries]
        self._types.update(types)
        self._tape.extend(entry.value for entry in entries if entry.topic is Topic.TRADES)
        if _QUARANTINED in types:
            self._note(entry for entry, kind in zip(entries, types, strict=True) if kind == _QUARANTINED)

    def _note(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            fact = decode(entry.topic, entry.value)
            assert isinstance(fact, Quarantined), "its type says so"
            why = unfit_of(WireError(fact.text, field=fact.field_name))
            self._tally.add(Topic.ORDERS, why, offset=fact.offset, text=fact.text)

    @property
    def instruments(self) -> Mapping[str, object]:
        """What is listed, by symbol."""
        return self._engine.exchange.desk.listings

    @property
    def counts(self) -> Mapping[str, int]:
        """How many orders, trades, cancels, replaces and rejects were told since this start."""
        return {name: self._types[begins] for begins, name in _COUNTED.items()}

    @property
    def passed_over(self) -> Mapping[Topic, Mapping[str, int]]:
        """How many commands could not be read since this start, by reason."""
        return self._tally.counts

    def depth(self, symbol: str, levels: int = 10) -> Depth:
        """Return the best `levels` levels of each side, best first."""
        bids, asks = self._engine.levels(symbol)
        at = self._engine.exchange.at
        return Depth(symbol=symbol, bids=tuple(bids[:levels]), asks=tuple(asks[:levels]), at=at)

    def tape(self, symbol: str | None, limit: int) -> list[Print]:
        """Return the newest `limit` trades of `symbol`, or of all when None, newest first, as they stand now."""
        prints: dict[str, Print] = {}
        for value in self._tape:
            match decode(Topic.TRADES, value):
                case Trade() as trade if symbol in {None, trade.symbol}:
                    prints.setdefault(trade.trade_id, Print(trade))
                case Bust() | Correction() as fact if fact.trade_id in prints:
                    prints[fact.trade_id] = prints[fact.trade_id].after(fact)
                case _:
                    pass
        return list(prints.values())[: -limit - 1 : -1]
