"""`stockex doctor`: can this machine run the exchange, and how fast is its disk?"""

import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter
from typing import Final

from stockex.adapters.securities import securities
from stockex.adapters.settings import Settings
from stockex.errors import StockExError
from stockex.journal import LOG_FILE, place, recorded
from stockex.messages.topics import Topic

_SYNCS: Final = 100
_PACKAGES: Final = ("msgspec", "fastapi", "uvicorn", "uvloop", "argon2-cffi")
_OLDEST: Final = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `is_fine` false means that the exchange cannot run as it is configured."""

    what: str
    is_fine: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that start-up needs; nothing is changed but for a file that comes and goes."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _packages,
        lambda: _directory(settings.data),
        lambda: _log(settings),
        lambda: _securities(settings),
        lambda: _port(settings.host, settings.port),
    ]
    return [finding for check in checks for finding in check()]


def _python() -> Iterator[Finding]:
    running = platform.python_version()
    yield Finding("python", sys.version_info >= _OLDEST, f"{running}, at least {_OLDEST[0]}.{_OLDEST[1]} needed")
    yield Finding("assertions", __debug__, "on" if __debug__ else "off: start Python without -O")


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, is_fine=True, text=version(name))
        except PackageNotFoundError:
            yield Finding(name, is_fine=False, text="not installed")


def _directory(path: Path) -> Iterator[Finding]:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path) as file:
            began = perf_counter()
            for _ in range(_SYNCS):
                file.write(b"x" * 256)
                file.flush()
                os.fsync(file.fileno())
            each_ms = (perf_counter() - began) * 1_000 / _SYNCS
    except OSError as error:
        yield Finding("data directory", is_fine=False, text=str(error))
    else:
        yield Finding(
            "data directory", is_fine=True, text=f"{path.resolve()} is writable; a sync takes {each_ms:.2f} ms"
        )


def _log(settings: Settings) -> Iterator[Finding]:
    path = settings.data / LOG_FILE
    is_embedded = settings.kafka_bootstrap is None
    if is_embedded and not path.exists():
        yield Finding("log", is_fine=True, text="none yet; the first start makes one")
        return
    try:
        count = sum(1 for _ in recorded(settings, Topic.ORDERS))
    except StockExError as error:
        yield Finding("log", is_fine=False, text=str(error))
    else:
        where = f"{path.stat().st_size / 1e6:,.1f} MB" if is_embedded else place(settings)
        yield Finding("log", is_fine=True, text=f"{count:,} commands, {where}")


def _securities(settings: Settings) -> Iterator[Finding]:
    try:
        listed = securities(settings.securities_file, more=settings.more_securities)
    except StockExError as error:
        yield Finding("securities", is_fine=False, text=str(error))
    else:
        yield Finding("securities", is_fine=True, text=f"{len(listed)}: {' '.join(item.symbol for item in listed)}")


def _port(host: str, port: int) -> Iterator[Finding]:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            yield Finding("port", is_fine=False, text=f"{host}:{port}: {error.strerror}")
        else:
            yield Finding("port", is_fine=True, text=f"{host}:{port} is free")
