"""The log on Kafka keeps the contract, and that of logs that outlive their process."""

import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from broker import Broker
from contract.bus_contract import BusContract, HandClock
from contract.durable_contract import DurableContract, OpenAgain
from contract.retention_contract import DurableRetention, RetentionContract

from stockex.bus.interface import Bus
from stockex.bus.kafka.client import Cluster
from stockex.bus.kafka.log import KafkaBus

_NUMBERS = count(1)


class TestKafkaBus(BusContract, DurableContract, RetentionContract, DurableRetention):
    """A log on a broker of the tests' own; each test has topics of its own."""

    @pytest.fixture
    def prefix(self) -> str:
        """Return a prefix of topics that no other test has."""
        return f"contract-{next(_NUMBERS)}-"

    @pytest.fixture
    async def open_again(self, broker: Broker, prefix: str, clock: HandClock) -> AsyncIterator[OpenAgain]:
        """Return what opens the topics anew."""
        opened: list[KafkaBus] = []

        async def open_again() -> KafkaBus:
            for bus in opened:
                await bus.close()
            opened.append(await KafkaBus.open(Cluster(broker.bootstrap, prefix=prefix), clock=clock))
            return opened[-1]

        yield open_again
        for bus in opened:
            await bus.close()

    @pytest.fixture
    async def bus(self, open_again: OpenAgain) -> Bus:
        """Return an empty log."""
        return await open_again()

    @pytest.fixture
    def writing(self, broker: Broker, prefix: str) -> list[str]:
        """Return the command line of a writer."""
        return [sys.executable, str(Path(__file__).with_name("kafka_writer.py")), broker.bootstrap, prefix]
