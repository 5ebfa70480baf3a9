"""Measure the books: messages a second on every flow, ours and those of other packages, on this machine and now.

    python benchmarks/matching.py [--quick] [--only TEXT]... [--json]

The other packages are installed into .cache/peers/ by this script. Figures of one run compare; those of two machines do
not. Nothing here fails for being slow; it does for trades that are not those which the flow's own count found.

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
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import plain
from flows.catalogue import CACHE, FLOWS, Flow, flow, messages_of
from peers import VERSIONS

PEERS: Final = CACHE.parent / "peers"
RUNS: Final = 3
SAMPLE, QUICK = 100_000, 20_000
"""Messages of a run of the whole exchange in Python, which takes as long as a million of a peer's."""


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


def _row(found: Flow, book: str, *, runs: list[dict[str, float]]) -> Row:
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


def _ours(found: Flow) -> list[dict[str, float]]:
    """Run the exchange in Python, and hold its trades and resting orders to the flow's own count."""
    runs = [plain.measure(found) for _ in range(RUNS)]
    for run in runs:
        counted = (found.counts.trades, found.counts.traded_qty, found.counts.resting)
        if (run["trades"], run["traded_qty"], run["resting"]) != counted:
            sys.exit(f"{found.name}: the exchange found {run}, the flow counted {counted}")
    return runs


def _peer(found: Flow, name: str) -> list[dict[str, float]]:
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


def measure(names: list[str], *, only: list[str], quick: bool) -> Iterator[Row]:
    """Yield a row for each book on each flow that is asked for."""
    sample = QUICK if quick else SAMPLE
    books: dict[str, Callable[[Flow], list[dict[str, float]]]] = {"stockex exchange, Python": _ours}
    for peer in VERSIONS:
        books[peer] = lambda found, peer=peer: _peer(found, peer)  # type: ignore[misc]
    for name in names:
        found = flow(name, sample)
        for book, run in books.items():
            if not only or any(text in f"{book} {name}" for text in only):
                runs = run(found)
                if runs:
                    yield _row(found, book, runs=runs)


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = {name: version(name) for name in ("numpy", "msgspec")}
    return {"cpu": models[0] if models else platform.processor(), "python": platform.python_version(), **versions}


def table(rows: list[Row]) -> Iterator[str]:
    """Yield the rows for reading, each with its ratio to the fastest peer on the same flow."""
    yield f"{'flow':8} {'book':26} {'best /s':>10} {'median /s':>10} {'x peer':>7} {'facts':>6} {'resting':>8} trades"
    for row in rows:
        peers = [other.best for other in rows if other.flow == row.flow and other.book in VERSIONS]
        ratio = f"{row.best / max(peers):.2f}" if peers else "-"
        facts = "-" if row.facts is None else f"{row.facts:.2f}"
        resting = "-" if row.resting is None else f"{row.resting:,}"
        said = "not told" if row.trades is None else f"{row.trades:,}{'' if row.agrees else ' (not those counted)'}"
        yield f"{row.flow:8} {row.book:26} {row.best:10,} {row.median:10,} {ratio:>7} {facts:>6} {resting:>8} {said}"


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} messages in place of {SAMPLE:,}")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="books or flows that say TEXT")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    _install()
    rows = list(measure(list(FLOWS), only=options.only, quick=options.quick))
    if options.json:
        print(json.dumps({"machine": machine(), "peers": VERSIONS, "rows": [asdict(row) for row in rows]}, indent=1))
        return
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
