"""A process that appends to the Kafka log named on its command line, broker and prefix, until it is killed."""

import asyncio
import sys

from contract import log_writer
from contract.bus_contract import HandClock

from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus


async def main() -> None:
    """Append to the topics."""
    await log_writer.write(await KafkaBus.open(Cluster(sys.argv[1], prefix=sys.argv[2]), clock=HandClock()))


if __name__ == "__main__":
    asyncio.run(main())
