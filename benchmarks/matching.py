"""Measure the books: messages a second on every flow, ours and those of other packages, on this machine and now.

    python benchmarks/matching.py [--quick] [--only TEXT]... [--json] [--overview]

What takes arrays obeys whole flows; lines, messages and the peers, which take longer, their beginning. The other
packages are installed into .cache/peers/ by this script. Figures of one run compare; those of two machines do
not. Nothing here fails for being slow; it does for trades, quantities or resting orders of ours that are not those
which the flow's own count found, and for a fact of a batch that is not the exchange's own.

Peers know no total quantity of a replacement: what they take it for is to be open, so that some of their trades differ
on the flows that replace orders which were filled in part.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import batch
import footprint
import lines
import numpy as np
import plain
from flows.catalogue import CACHE, FLOWS, Flow, flow, messages_of
from peers import VERSIONS

from stockex.core.batch.lean import LeanEngine
from stockex.core.batch.plain import PlainEngine
from stockex.core.matching.compiled.engine import Engine
from stockex.simulation.books import Book

PEERS: Final = CACHE.parent / "peers"
RUNS: Final = 3
SAMPLE, QUICK = 200_000, 20_000
"""Messages of a run of the exchange in Python and of the peers: past the fall of the flow that crashes, or not."""

COMPARED: Final = 20_000
"""Messages of each flow of which every fact is compared between the plain and the compiled book."""

BATCHES: Final = {
    "stockex compiled": batch.Terms(),
    "stockex compiled, levels": batch.Terms(levels=True),
    "stockex compiled, risk": batch.Terms(limited=True),
    "stockex plain, batch": batch.Terms(LeanEngine),
    "stockex plain, batch, risk": batch.Terms(LeanEngine, limited=True),
}
EXCHANGE, LINES = "stockex plain, messages", "stockex compiled, lines"
Runs = list[dict[str, float]]


@dataclass(frozen=True)
class Row:
    """One book on one flow."""

    book: str
    flow: str
    messages: int
    best: int
    median: int
    facts: float | None
    resting: int | None
    trades: int | None
    agrees: bool | None


def _row(found: Flow, book: str, *, runs: Runs) -> Row:
    """Put the runs of one book together; each has seconds, and what it could tell of trades, facts and orders."""
    rates = [len(found.commands) / run["seconds"] for run in runs]
    first = runs[0]
    trades, facts, resting = first.get("trades"), first.get("facts"), first.get("resting")
    return Row(
        book,
        found.name,
        messages=len(found.commands),
        best=round(max(rates)),
        median=round(statistics.median(rates)),
        facts=None if facts is None else round(facts / len(found.commands), 2),
        resting=None if resting is None else int(resting),
        trades=None if trades is None else int(trades),
        agrees=None if trades is None else int(trades) == found.counts.trades,
    )


def _ours(found: Flow, measured: Callable[[], dict[str, float]]) -> Runs:
    """Run a book of ours, and hold what it tells of trades and resting orders to the flow's own count."""
    runs = [measured() for _ in range(RUNS)]
    counted = {name: getattr(found.counts, name) for name in ("trades", "traded_qty", "resting")}
    for run in runs:
        if any(run.get(name, value) != value for name, value in counted.items()):
            sys.exit(f"{found.name}: the book found {run}, the flow counted {counted}")
    return runs


def _peer(found: Flow, name: str) -> Runs:
    """Run another package's book, each time in a process of its own. An empty list: it failed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "messages.npy"
        np.save(path, np.array(list(messages_of(found.commands)), dtype=np.int64))
        command = [str(PEERS / "bin" / "python"), str(Path(__file__).with_name("peers.py")), name, str(path)]
        runs = []
        for _ in range(RUNS):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own script
            if done.returncode != 0:
                print(f"{name} failed on {found.name}: {done.stderr.strip()[-300:]}", file=sys.stderr)
                return []
            runs.append(json.loads(done.stdout))
    return runs


def _install() -> None:
    """Make the environment of the peers, once for each set of versions."""
    stamp = PEERS / "stockex-versions.json"
    if stamp.exists() and json.loads(stamp.read_text()) == VERSIONS:
        return
    venv.create(PEERS, with_pip=True, clear=True)
    pins = [f"{name}=={number}" for name, number in VERSIONS.items()]
    command = [str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", *pins]
    subprocess.run(command, check=True)  # noqa: S603 pinned packages, by name
    stamp.write_text(json.dumps(VERSIONS))


def measure(only: list[str], *, sample: int) -> Iterator[Row]:
    """Yield a row for each book on each flow that is asked for."""
    is_wanted = [text.casefold() for text in only]
    for name in FLOWS:
        for book in (*BATCHES, LINES, EXCHANGE, *VERSIONS):
            if is_wanted and not any(text in f"{book} {name}".casefold() for text in is_wanted):
                continue
            found = flow(name, None if book in BATCHES else sample)
            if book in BATCHES:
                runs = _ours(found, partial(batch.measure, found, BATCHES[book]))
            elif book in VERSIONS:
                runs = _peer(found, book)
            elif book == LINES:
                runs = _ours(found, partial(lines.measure, found, Book.COMPILED))
            else:
                runs = _ours(found, partial(plain.measure, found))
            if runs:
                yield _row(found, book, runs=runs)


def compare() -> Iterator[tuple[str, str]]:
    """Yield each flow with the hash of all facts of its beginning, which plain and compiled gave, in lines too."""
    for name in FLOWS:
        found = flow(name, COMPARED)
        hashes = [batch.digest(found, engine) for engine in (PlainEngine, LeanEngine, Engine)]
        texts = [lines.digest(found, book) for book in Book]
        if len(set(hashes)) > 1 or len(set(texts)) > 1:
            sys.exit(f"{name}: facts hash to {hashes} in records and to {texts} in lines")
        yield name, hashes[0]


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = {name: version(name) for name in ("numpy", "numba", "msgspec")}
    return {"cpu": models[0] if models else platform.processor(), "python": platform.python_version(), **versions}


def table(rows: list[Row]) -> Iterator[str]:
    """Yield the rows for reading, each with its ratio to the fastest peer on the same flow."""
    yield (
        f"{'flow':8} {'book':26} {'messages':>9} {'best /s':>11} {'median /s':>11} {'x peer':>7} {'facts':>6} "
        f"{'resting':>8} trades"
    )
    for row in rows:
        peers = [other.best for other in rows if other.flow == row.flow and other.book in VERSIONS]
        ratio = f"{row.best / max(peers):.2f}" if peers else "-"
        facts = "-" if row.facts is None else f"{row.facts:.2f}"
        resting = "-" if row.resting is None else f"{row.resting:,}"
        said = "not told" if row.trades is None else f"{row.trades:,}{'' if row.agrees else ' (not those counted)'}"
        yield (
            f"{row.flow:8} {row.book:26} {row.messages:9,} {row.best:11,} {row.median:11,} {ratio:>7} {facts:>6} "
            f"{resting:>8} {said}"
        )


def overview(rows: list[Row]) -> Iterator[str]:
    """Yield a table in Markdown: for each book its best rate on each flow, in million messages a second."""
    flows = list(dict.fromkeys(row.flow for row in rows))
    yield "| Book | " + " | ".join(flows) + " |"
    yield "| --- |" + " ---: |" * len(flows)
    for book in dict.fromkeys(row.book for row in rows):
        rates = {row.flow: f"{row.best / 1e6:.2f}" for row in rows if row.book == book}
        yield f"| {book} | " + " | ".join(rates.get(name, "") for name in flows) + " |"


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} messages in place of {SAMPLE:,} for the slow")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="books or flows that say TEXT")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--overview", action="store_true", help="one line a book, in Markdown")
    options = parser.parse_args()
    _install()
    hashes = dict(compare())
    rows = list(measure(options.only, sample=QUICK if options.quick else SAMPLE))
    taken = {} if options.only else footprint.measure()
    if options.json:
        found = {"machine": machine(), "peers": VERSIONS, "facts": hashes, "footprint": taken}
        print(json.dumps(found | {"rows": [asdict(row) for row in rows]}, indent=1))
        return
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    print(
        f"plain, plain by batch and compiled: the first {COMPARED:,} messages of {', '.join(hashes)} give the same "
        f"facts in records and in lines, by SHA-256"
    )
    print("\n".join(overview(rows) if options.overview else table(rows)))
    for what, figures in taken.items():
        print(f"{what}: {', '.join(f'{name} {value:,}' for name, value in figures.items())}")


if __name__ == "__main__":
    main()
