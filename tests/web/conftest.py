"""What the tests of the web application share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from web.floor import Floor


@pytest_asyncio.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """Return a running little exchange."""
    async with Floor(tmp_path).running() as floor:
        yield floor
