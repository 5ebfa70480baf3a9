"""The log in memory keeps the contract."""

import pytest
from contract.bus_contract import BusContract, DenseOffsets, HandClock
from contract.retention_contract import RetentionContract

from stockex.bus.interface import Bus
from stockex.bus.memory import MemoryBus


class TestMemoryBus(BusContract, DenseOffsets, RetentionContract):
    """A log in memory."""

    @pytest.fixture
    def bus(self, clock: HandClock) -> Bus:
        """Return an empty log."""
        return MemoryBus(clock)
