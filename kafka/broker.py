"""The Kafka node of `make kafka` and `make kafka-stop`: `broker.py start` and `broker.py stop`."""

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Final

from stockex.errors import StockExError
from stockex.torture.fleet import HOST, free_port
from stockex.torture.kafka.broker import JARS, ROOT, STOP_S, Broker, answers

__all__ = ["HOST", "JARS", "Broker", "answers", "free_port"]

HOME: Final = ROOT / ".cache" / "kafka" / "node"
PORT: Final = 9092


def start() -> None:
    """Start the node of `make kafka`, unless it answers already."""
    broker = Broker(HOME, port=PORT)
    if not answers(broker.bootstrap):
        try:
            (HOME / "pid").write_text(str(broker.start()))
        except StockExError as error:
            raise SystemExit(str(error)) from error
    sys.stdout.write(f"Kafka answers at {broker.bootstrap}: KAFKA_BOOTSTRAP={broker.bootstrap} make run\n")


def stop() -> None:
    """Stop the node of `make kafka`; its data stay."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((HOME / "pid").read_text()), signal.SIGTERM)
        (HOME / "pid").unlink()
    deadline = time.monotonic() + STOP_S
    while answers(f"{HOST}:{PORT}") and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=["start", "stop"])
    {"start": start, "stop": stop}[parser.parse_args().act]()
