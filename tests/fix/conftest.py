"""What tests of the gateway with sockets share."""

from collections.abc import AsyncIterator

import pytest
from fix.initiator import hang_up

from stockex.adapters.clock import wall_clock
from stockex.bus.memory import MemoryBus


@pytest.fixture
def bus() -> MemoryBus:
    """Return an empty log."""
    return MemoryBus(wall_clock)


@pytest.fixture
async def connections() -> AsyncIterator[None]:
    """Close all connections in the end."""
    yield
    await hang_up()
