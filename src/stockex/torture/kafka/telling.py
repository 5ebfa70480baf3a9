"""Runs the ordeals on a broker of their own, and tells people how they ended."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from stockex.torture.kafka.broker import Broker
from stockex.torture.kafka.ordeal import Counts, suffered
from stockex.torture.kills.telling import lines


def torture(counts: Counts, *, seed: int, say: Callable[[str], None]) -> bool:
    """Strike so often, say how it ended, and whether nothing was lost, doubled, late to be fenced or wrong.

    Raises: StockExError: the broker does not start.
    """
    with (
        TemporaryDirectory(prefix="stockex-kafka-") as folder,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("striking", total=sum(counts))
        broker = Broker(Path(folder, "broker"))
        broker.start()
        try:
            outcome = suffered(
                Path(folder, "run"), broker, counts=counts, seed=seed, told=lambda _: progress.advance(task)
            )
        finally:
            broker.kill()
    for line in lines(outcome.summary(), outcome.faults, seed=seed):
        say(line)
    return not outcome.faults
