"""What scripts have brought about, and how often: what never came up, no comparison has seen."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from stockex.messages.codec import Fact
from stockex.messages.control import PhaseChanged
from stockex.messages.executions import Accepted, Cancelled, Rejected
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import CancelReason, OrdType, Phase, TimeInForce
from stockex.vocabulary.reasons import RejectReason

_TERMS: Final = (
    "post_only",
    "self_trade",
    "display",
    "min_visible",
    "hidden",
    "min_exec",
    "cancel_below_min",
    "min_qty",
)
_TERMS_TOO: Final = ("trail", "expire_at", "cancel_on_disconnect", "oco_id", "peg_offset")
TERMS: Final = tuple(name for name in (*_TERMS, *_TERMS_TOO) if name in Accepted.__struct_fields__)
"""What an order may have beside quantity, limit and stop, as its `Accepted` names it."""

POSSIBLE: Final[Mapping[str, tuple[str, ...]]] = {
    "commands": tuple(kind.__name__ for kind in AnyCommand.__args__),
    "facts": tuple(kind.__name__ for kind in Fact.__args__),
    "order_types": tuple(OrdType),
    "times_in_force": tuple(TimeInForce),
    "order_terms": TERMS,
    "refusals": tuple(RejectReason),
    "cancellations": tuple(CancelReason),
    "phases": tuple(Phase),
}
"""Everything that could come up, by what it is. Orders count once they are accepted, phases when they begin."""


class Seen:
    """How often each thing came up."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {what: Counter() for what in POSSIBLE}

    def take(self, command: AnyCommand | None, facts: Iterable[Fact]) -> None:
        """Count one command, None for a line that is none, and its facts."""
        counts = self.counts
        if command is not None:
            counts["commands"][type(command).__name__] += 1
        for fact in facts:
            counts["facts"][type(fact).__name__] += 1
            match fact:
                case Accepted():
                    counts["order_types"][fact.ord_type] += 1
                    counts["times_in_force"][fact.tif] += 1
                    counts["order_terms"].update(name for name in TERMS if getattr(fact, name) not in (None, False))
                case Rejected():
                    counts["refusals"][fact.reason] += 1
                case Cancelled():
                    counts["cancellations"][fact.reason] += 1
                case PhaseChanged():
                    counts["phases"][fact.phase] += 1
                case _:
                    pass

    def add(self, other: "Seen") -> None:
        """Count what another has seen too."""
        for what, counts in other.counts.items():
            self.counts[what].update(counts)

    def table(self) -> dict[str, dict[str, int]]:
        """Return how often each possible thing came up, the most frequent first, those that never did last."""
        return {
            what: dict(Counter({str(name): counts[name] for name in POSSIBLE[what]}).most_common())
            for what, counts in self.counts.items()
        }
