"""The log on Kafka keeps the contract."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
from broker import Broker
from contract.bus_contract import BusContract, HandClock

from stockex.bus.interface import Bus
from stockex.bus.kafka.log import KafkaBus

_PREFIXES = count(1)


class TestKafkaBus(BusContract):
    """A log on a broker of the tests' own; each test has topics of its own."""

    @pytest.fixture
    async def bus(self, broker: Broker, clock: HandClock) -> AsyncIterator[Bus]:
        """Return an empty log."""
        log = await KafkaBus.open(broker.bootstrap, clock=clock, prefix=f"contract-{next(_PREFIXES)}-")
        yield log
        await log.close()
