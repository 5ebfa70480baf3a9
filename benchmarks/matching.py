"""Measure the books: messages a second on every flow, ours and those of other packages, on this machine and now.

    python benchmarks/matching.py [--quick] [--only TEXT]... [--json]

How to read it: docs/benchmarks.md. What takes arrays, and the fastest of the others, obeys whole flows; what takes
longer their beginning. The other packages are installed into .cache/peers/ by this script; where that fails, ours are
measured alone. Nothing here fails for being slow; it does for trades, quantities or resting orders of ours that are
not those which the flow's own count found, and for a fact of a batch that is not the exchange's own.

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
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

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
from stockex.simulation import books

PEERS: Final = CACHE.parent / "peers"
RUNS: Final = 3
SAMPLE, QUICK = 200_000, 20_000
"""Messages of a run of what takes longer: past the fall of the flow that crashes, or not."""

COMPARED: Final = 20_000
"""Messages of each flow of which every fact is compared between the plain and the compiled book."""

Runs = list[dict[str, float]]


class Book(NamedTuple):
    """A book of ours: how it is measured, how often, whether on whole flows, and on which of them."""

    measure: Callable[[Flow], dict[str, float]]
    runs: int = RUNS
    is_whole: bool = True
    flows: Collection[str] = FLOWS


CALM: Final = ("A", "B", "C", "still", "normal")
"""The flows whose trades stay within a tenth of one price. Those of the others a market with ranges interrupts."""

OURS: Final = {
    "compiled": Book(partial(batch.measure, terms=batch.Terms())),
    "compiled, levels": Book(partial(batch.measure, terms=batch.Terms(levels=True))),
    "compiled, risk": Book(partial(batch.measure, terms=batch.Terms(limited=True))),
    "compiled, athex": Book(partial(batch.measure, terms=batch.Terms(market="athex")), flows=CALM),
    "plain, batch": Book(partial(batch.measure, terms=batch.Terms(LeanEngine)), runs=2),
    "plain, batch, risk": Book(partial(batch.measure, terms=batch.Terms(LeanEngine, limited=True)), runs=1),
    "risk, records to JSON": Book(partial(lines.measure, reads=False), is_whole=False),
    "risk, JSON to JSON": Book(partial(lines.measure, reads=True), is_whole=False),
    "plain, messages": Book(plain.measure, runs=1, is_whole=False),
}
FASTEST: Final = "bourse"
"""The other package that is measured on whole flows too."""


@dataclass(frozen=True)
class Row:
    """One book on one flow."""

    book: str
    flow: str
    messages: int
    best: int
    median: int
    cpu: int
    facts: float | None
    resting: int | None
    trades: int | None
    agrees: bool | None


def _row(found: Flow, book: str, *, runs: Runs) -> Row:
    """Put the runs of one book together; each has its times, and what it could tell of trades, facts and orders."""
    rates = [len(found.commands) / run["seconds"] for run in runs]
    first = runs[0]
    trades, facts, resting = first.get("trades"), first.get("facts"), first.get("resting")
    return Row(
        book,
        found.name,
        messages=len(found.commands),
        best=round(max(rates)),
        median=round(statistics.median(rates)),
        cpu=round(max(len(found.commands) / run["cpu"] for run in runs)),
        facts=None if facts is None else round(facts / len(found.commands), 2),
        resting=None if resting is None else int(resting),
        trades=None if trades is None else int(trades),
        agrees=None if trades is None else int(trades) == found.counts.trades,
    )


def _ours(found: Flow, book: Book) -> Runs:
    """Run a book of ours, and hold what it tells of trades and resting orders to the flow's own count."""
    runs = [book.measure(found) for _ in range(book.runs)]
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


def _install() -> bool:
    """Make the environment of the peers, once for each set of versions; say whether it is there."""
    stamp = PEERS / "stockex-versions.json"
    if stamp.exists() and json.loads(stamp.read_text()) == VERSIONS:
        return True
    venv.create(PEERS, with_pip=True, clear=True)
    pins = [f"{name}=={number}" for name, number in VERSIONS.items()]
    command = [str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", "numpy", *pins]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 pinned packages, by name
        print("the other packages could not be installed: ours are measured alone", file=sys.stderr)
        return False
    stamp.write_text(json.dumps(VERSIONS))
    return True


def measure(name: str, only: list[str], *, is_quick: bool, peers: Iterable[str]) -> Iterator[Row]:
    """Yield a row for each book that is asked for on one flow."""
    for book in (*OURS, *peers):
        if only and not any(text.casefold() in f"{book} {name}".casefold() for text in only):
            continue
        if book in OURS and name not in OURS[book].flows:
            continue
        is_whole = book == FASTEST or (book in OURS and OURS[book].is_whole)
        whole, part = (SAMPLE, QUICK) if is_quick else (None, SAMPLE)
        found = flow(name, whole if is_whole else part)
        runs = _ours(found, OURS[book]) if book in OURS else _peer(found, book)
        if runs:
            yield _row(found, book, runs=runs)


def compare() -> Iterator[tuple[str, str]]:
    """Yield each flow with the hash of all facts of its beginning, which plain and compiled gave, in lines too."""
    for name in FLOWS:
        found = flow(name, COMPARED)
        hashes = [batch.digest(found, engine) for engine in (PlainEngine, LeanEngine, Engine)]
        texts = [lines.digest(found, book) for book in books.Book]
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
    """Yield the rows of one flow for reading, each with its ratio to the fastest peer."""
    peers = [row.cpu for row in rows if row.book in VERSIONS]
    yield (
        f"  {'book':22} {'messages':>9} {'best/s':>11} {'median/s':>11} {'cpu/s':>11} {'x peer':>6} {'events':>6} "
        f"{'resting':>8} trades"
    )
    for row in rows:
        ratio = f"{row.cpu / max(peers):.2f}" if peers else "-"
        facts = "-" if row.facts is None else f"{row.facts:.2f}"
        resting = "-" if row.resting is None else f"{row.resting:,}"
        said = "not told" if row.trades is None else f"{row.trades:,}{'' if row.agrees else ' (not those counted)'}"
        yield (
            f"  {row.book:22} {row.messages:9,} {row.best:11,} {row.median:11,} {row.cpu:11,} {ratio:>6} {facts:>6} "
            f"{resting:>8} {said}"
        )


def overview(rows: list[Row]) -> Iterator[str]:
    """Yield a table in Markdown: for each book, million messages a second of processor time on each flow."""
    flows = list(dict.fromkeys(row.flow for row in rows))
    yield "| Book | " + " | ".join(flows) + " |"
    yield "| --- |" + " ---: |" * len(flows)
    for book in dict.fromkeys(row.book for row in rows):
        rates = {row.flow: f"{row.cpu / 1e6:.2f}" for row in rows if row.book == book}
        yield f"| {book} | " + " | ".join(rates.get(name, "") for name in flows) + " |"


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help=f"{SAMPLE:,} messages for whole flows, {QUICK:,} for others"
    )
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="books or flows that say TEXT")
    parser.add_argument("--json", action="store_true", help="one JSON object, and the tables on standard error")
    options = parser.parse_args()
    told = sys.stderr if options.json else sys.stdout
    tell = partial(print, file=told, flush=True)
    peers = tuple(VERSIONS) if _install() else ()
    tell(", ".join(f"{name} {value}" for name, value in machine().items()))
    hashes = dict(compare())
    tell(f"the first {COMPARED:,} messages of each flow: the same facts from every book of ours, by SHA-256")
    rows: list[Row] = []
    for name in FLOWS:
        some = list(measure(name, options.only, is_quick=options.quick, peers=peers))
        if some:
            counts = flow(name, SAMPLE if options.quick else None).counts.lines()
            tell("\n".join((f"\n{name}: {next(counts)}", *(f"  {line}" for line in counts), *table(some))))
        rows += some
    tell("\n" + "\n".join(overview(rows)))
    taken = {} if options.only else footprint.measure()
    for what, figures in taken.items():
        tell(f"{what}: {', '.join(f'{name} {value:,}' for name, value in figures.items())}")
    if options.json:
        found = {"machine": machine(), "peers": VERSIONS, "facts": hashes, "footprint": taken}
        print(json.dumps(found | {"rows": [asdict(row) for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
