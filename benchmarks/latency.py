"""From an order to its durable acknowledgement, at rates that do not wait for the exchange (open loop).

    python benchmarks/latency.py [--rates 1000,5000,10000] [--most 100] [--seconds 5] [--book auto]
                                 [--json]

A fresh exchange runs in a process of its own, twelve accounts in another one: they place, trade and cancel by
`POST /api/v1/orders/batch` over twelve connections that stay open, while feeder and members trade. Each is due at a
time that follows from the rate alone; its wait counts from then to the answer, which comes once its facts are durable.
With KAFKA_BOOTSTRAP the log is on Kafka, in topics of this run's own.
"""

import argparse
import json
import os
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from stockex.torture.kills.load import Round
from stockex.torture.kills.loading import loading
from stockex.torture.kills.service import Service
from stockex.vocabulary.services import LiveBook

WARM_S = 2.0
POINTS = (50.0, 99.0, 99.9, 100.0)


def measured(rate: float, *, most: int, seconds: float, book: LiveBook) -> dict[str, float]:
    """Return the figures of one rate, on an exchange of its own that was warmed up by the same rate."""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP")
    prefix = f"latency-{os.getpid()}-{rate:.0f}-"
    kafka = {"KAFKA_BOOTSTRAP": bootstrap, "STOCKEX_KAFKA_PREFIX": prefix} if bootstrap else {}
    with (
        TemporaryDirectory(prefix="stockex-latency-") as folder,
        closing(Service(Path(folder), **kafka)) as service,
    ):
        service.start(book=book)
        with loading(service.port, rate=rate, seed=1, most=most) as load:
            for lasts in (WARM_S, seconds):
                load.go()
                before = service.processor_s
                time.sleep(lasts)
                found = load.stop()
                worked = service.processor_s - before
    return figures(found, rate) | {"processor_us_per_item": round(worked / max(found.items, 1) * 1e6, 1)}


def figures(found: Round, rate: float) -> dict[str, float]:
    """Return what was asked for, what was answered a second, and the waits in milliseconds."""
    waits = sorted(found.waits)
    at = {point: waits[min(int(len(waits) * point / 100), len(waits) - 1)] * 1_000 for point in POINTS}
    return {
        "asked_per_s": rate,
        "answered_per_s": round(found.items / found.seconds),
        "left_out": found.left_out,
        **{f"p{point:g}_ms": round(wait, 1) for point, wait in at.items()},
    }


def main() -> None:
    """Print a line for each rate."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rates", default="1000,5000,10000")
    options.add_argument("--most", type=int, default=100, help="items of a request, at most")
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--book", type=LiveBook, choices=list(LiveBook), default=LiveBook.AUTO)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    for rate in map(float, given.rates.split(",")):
        found = measured(rate, most=given.most, seconds=given.seconds, book=given.book)
        print(json.dumps(found) if given.json else "  ".join(f"{name} {value:,g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
