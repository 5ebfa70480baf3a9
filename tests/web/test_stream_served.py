"""The stream on a real connection, served by uvicorn."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import uvicorn
from web.floor import PATIENCE_S, Floor

LOCAL = "127.0.0.1"
REQUEST = b"GET /stream HTTP/1.1\r\nHost: exchange.test\r\n\r\n"


@asynccontextmanager
async def served(floor: Floor) -> AsyncIterator[uvicorn.Server]:
    """Serve the site on a free port, which is its server's `config.port`."""
    with closing(socket.create_server((LOCAL, 0))) as listener:
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(floor.site, port=port, log_config=None, timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server._serve(sockets=[listener]))
        try:
            yield server
        finally:
            floor.site.close()
            server.should_exit = True
            await serving


async def test_a_connection_that_takes_nothing_is_dropped(floor: Floor) -> None:
    """Once the small buffers are full and the time is over, the server drops connection and reader in mid-stream."""
    floor.site.stream.send_limit_s = 0.01
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE_S), served(floor) as server:
        with closing(socket.create_connection((LOCAL, server.config.port))) as connection:
            connection.setblocking(False)  # noqa: FBT003 (the socket's own signature)
            await loop.sock_sendall(connection, REQUEST)
            await loop.sock_recv(connection, 1)
            [client] = floor.site.front.hub._clients
            while floor.site.front.hub.clients:
                client.tell(b"event: trade\ndata: " + b"x" * 1_000 + b"\n\n")
                await asyncio.sleep(0)
            await asyncio.gather(*server.server_state.tasks)
            await asyncio.sleep(0)
            assert not server.server_state.connections


async def test_a_connection_that_is_closed_leaves_nothing_behind(floor: Floor) -> None:
    """When the reader hangs up, the server's tasks for it end, though nothing is ever sent to it again."""
    async with asyncio.timeout(PATIENCE_S), served(floor) as server:
        for _ in range(20):
            reader, writer = await asyncio.open_connection(LOCAL, server.config.port)
            writer.write(REQUEST)
            await reader.readuntil(b"event: init")
            writer.close()
        streams = [task for task in asyncio.all_tasks() if "Stream." in repr(task.get_coro())]
        await asyncio.gather(*streams, return_exceptions=True)
    assert floor.site.front.hub.clients == 0


async def test_stopping_the_server_says_goodbye(floor: Floor) -> None:
    """An open stream gets `bye` and ends in order, so that the server need not wait for it."""
    async with asyncio.timeout(PATIENCE_S), served(floor) as server:
        reader, writer = await asyncio.open_connection(LOCAL, server.config.port)
        writer.write(REQUEST)
        await reader.readuntil(b"event: init")
        floor.site.close()
        rest = await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
    assert b"event: bye\ndata: {}\n\n" in rest


async def test_the_served_site_beats(floor: Floor) -> None:
    """While the server runs, conflated market data comes by itself."""
    async with asyncio.timeout(PATIENCE_S), served(floor) as server:
        reader, writer = await asyncio.open_connection(LOCAL, server.config.port)
        writer.write(REQUEST)
        await reader.readuntil(b"event: init")
        await floor.place("USR01", "buy 1 ALPHA 24.90")
        await reader.readuntil(b"event: book")
        writer.close()
