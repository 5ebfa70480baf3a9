"""The door answers from the first moment on, and lets through what the site answers."""

import socket
from pathlib import Path

import httpx
import pytest
from web.floor import Floor

from stockex.errors import ConfigurationError
from stockex.serving import Address, Door

HOST = "127.0.0.1"


async def asked(door: Door, path: str) -> tuple[int, str]:
    """Return status and text of one request."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://door.test") as client:
        answer = await client.get(path)
    return answer.status_code, answer.text


@pytest.mark.parametrize("path", ["/readyz", "/", "/api/v1/orders"])
async def test_a_process_that_is_not_ready_says_why(path: str) -> None:
    """Until it is ready everything but `/healthz` is refused with the reason."""
    door = Door(why_not="Reading the log.")
    status, text = await asked(door, path)
    assert (status, "Reading the log." in text) == (503, True)
    assert await asked(door, "/healthz") == (200, '{"status":"ok"}')


async def test_a_process_without_pages_says_that_it_is_ready() -> None:
    """The feeder's door has nothing else."""
    door = Door(why_not=None)
    assert await asked(door, "/readyz") == (200, '{"status":"ready"}')
    assert (await asked(door, "/"))[0] == 404


async def test_the_seeds_paths_lead_to_a_service_on_its_own_port(tmp_path: Path) -> None:
    """A first part of a path that has a home is looked up there; other paths are as they are."""
    async with Floor(tmp_path).running() as floor:
        door = Door(home={"health": "/matcher", "": "/ch"}, why_not=None, site=floor.site)
        assert '"service":"matcher"' in (await asked(door, "/health"))[1]
        assert "Clearing house</title>" in (await asked(door, "/"))[1]
        assert (await asked(door, "/version"))[0] == 200


async def test_a_port_that_is_taken_is_named_unless_it_may_move() -> None:
    """The second matcher beside the first listens elsewhere; nobody else does so unasked."""
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"{HOST}:{port}"):
            async with Door().open(Address(HOST, port)):
                pass
        async with Door().open(Address(HOST, port, may_move=True)) as moved:
            assert moved not in {0, port}
