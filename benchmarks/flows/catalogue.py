"""All flows by name, kept under .cache/ once they are made: two million messages take some ten seconds to draw."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from flows import crowd, mixes, regimes
from flows.crowd import Commands, Counts, Crowd

from stockex.core.matching.compiled import records

SEED: Final = 23
CACHE: Final = Path(__file__).parents[2] / ".cache" / "flows"

_DRAW: Final[dict[str, Callable[..., Crowd]]] = {
    "A": mixes.adds,
    "B": mixes.moves,
    "C": mixes.market_like,
    **{name: partial(regimes.regime, kind=kind) for name, kind in regimes.REGIMES.items()},
}
FLOWS: Final = {"A": 1_000_000, "B": 3_000_000, "C": 1_000_000, **dict.fromkeys(regimes.REGIMES, regimes.FULL)}
"""Each flow with the number of messages of a whole run."""


class Flow(NamedTuple):
    """A stream of commands for one symbol, and what the crowd that sent it counted."""

    name: str
    commands: Commands
    counts: Counts


def draw(name: str, messages: int, *, seed: int = SEED) -> Flow:
    """Make the flow anew. Its bytes depend on the arguments only."""
    found = _DRAW[name](messages, seed=seed)
    return Flow(name, found.commands(), found.counts())


def flow(name: str, messages: int | None = None, *, seed: int = SEED) -> Flow:
    """Return the flow, from .cache/ where it was made by the same code before."""
    messages = messages or FLOWS[name]
    path = CACHE / f"{name}-{messages}-{seed}-{_version()}.npy"
    counts = path.with_suffix(".json")
    if not counts.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = draw(name, messages, seed=seed)
        np.save(path, made.commands)
        counts.write_text(json.dumps(asdict(made.counts)))
    return Flow(name, np.load(path), Counts(**json.loads(counts.read_text())))


def _version() -> str:
    texts = (Path(module.__file__ or "").read_bytes() for module in (crowd, mixes, regimes, records))
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]


NEW, IOC, MARKET, CANCEL, REPLACE = range(5)
"""The kinds of a plain message."""

Message = tuple[int, int, int, int, int]
"""Kind, order, side, price in ticks, quantity; a replacement has the order's side and its new total quantity."""


def messages_of(commands: Commands) -> Iterator[Message]:
    """Yield the commands as plain tuples, for books that know no record."""
    sides: dict[int, int] = {}
    names = ("kind", "client", "target", "side", "ord_type", "tif", "price", "qty")
    columns: Iterable[list[int]] = (commands[name].tolist() for name in names)
    for kind, client, target, side, ord_type, tif, price, qty in zip(*columns, strict=True):
        if kind == records.NEW:
            sides[client] = side
            shown = MARKET if ord_type == crowd.MARKET else IOC if tif == crowd.IOC else NEW
            yield shown, client, side, price // crowd.TICK, qty
        else:
            shown = CANCEL if kind == records.CANCEL else REPLACE
            yield shown, target, sides[target], price // crowd.TICK, qty
