"""Checkpoints: named files that hold a service's state, whole or not at all, each beside the one before it.

A checkpoint only saves work: whoever has none rebuilds its state from the log. So one that is damaged, or written by
another version, is passed over with one line, and the older one is used.

    NAME        the newest: a line "stockex-checkpoint VERSION SHA-256", and the state; the sum covers both
    NAME.old    the one before it
    NAME.tmp    one that was being written when the process died
    owner       locked by the process that has the folder, where several of a kind may run
"""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import structlog

from stockex.adapters.process import Aside, at_once
from stockex.errors import CheckpointUnfit, StockExError

_LOCK: Final = "owner"
_FORMAT: Final = b"stockex-checkpoint"
_log = structlog.get_logger(__name__)

State = TypeVar("State")


class Files:
    """What checkpoints need of a disk. Each call raises OSError; a simulated disk takes this class's place."""

    def read(self, path: Path) -> bytes:
        """Return what a file holds."""
        return path.read_bytes()

    def write(self, path: Path, content: bytes) -> None:
        """Write a file, and its folder if there is none; it is durable when this returns."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def move(self, path: Path, target: Path) -> None:
        """Let a file take the place of another, at once."""
        path.replace(target)

    def sync(self, directory: Path) -> None:
        """Make what was moved in a folder durable."""
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Checkpoints:
    """A folder of checkpoints, two files a name. One writer a name at a time.

    Attributes:
        aside: How the bytes of a large state are made: at once, or while the process that saves them goes on.
    """

    def __init__(
        self,
        directory: Path,
        *,
        files: Files | None = None,
        lock: int | None = None,
        others: Sequence[Path] = (),
        aside: Aside = at_once,
    ) -> None:
        """Keep the files in `directory`, which is made when the first one is saved; `lock` is what `own` has locked.

        Those in `others` may be loaded, too.
        """
        self.aside = aside
        self._directory = directory
        self._lock = lock
        self._others = others
        self._files = files or Files()

    def save(self, name: str, data: bytes, *, version: int = 1) -> None:
        """Put `data` before the checkpoint `name` that there was; it is on disk when this returns.

        A crash at any moment leaves the newest or the one before it. `version` names the layout of `data`.

        Raises:
            StockExError: it cannot be written; what there was stays.
        """
        target, draft, old = (self._directory / f"{name}{end}" for end in ("", ".tmp", ".old"))
        try:
            self._files.write(draft, _header(data, version) + data)
            with suppress(FileNotFoundError):
                self._files.move(target, old)
            self._files.move(draft, target)
            self._files.sync(self._directory)
        except OSError as error:
            raise StockExError(f"cannot save the checkpoint {target}: {error}") from error

    def under(self, name: str) -> "Checkpoints":
        """Return checkpoints in a folder inside of this one, which nobody else has either."""
        return Checkpoints(self._directory / name, files=self._files, aside=self.aside)

    def close(self) -> None:
        """Let another process have the folder, if it is one of `own`; save nothing afterwards."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def load(self, name: str, read: Callable[[bytes], State], *, version: int = 1) -> State | None:
        """Return what `read` makes of the newest checkpoint `name` that is sound, of this version, and read.

        Those that are not are passed over, with a line in the log for each. `read` may raise CheckpointUnfit or
        msgspec.MsgspecError. None if none is left.
        """
        folders = sorted((self._directory, *self._others), key=lambda folder: _age(folder / name))
        for path in (folder / f"{name}{end}" for folder in folders for end in ("", ".old")):
            try:
                return read(_sound(self._files.read(path), version))
            except FileNotFoundError:
                continue
            except (CheckpointUnfit, msgspec.MsgspecError, OSError) as error:
                _log.warning(
                    "checkpoint_skipped", path=str(path), reason=str(error), action="use an older one, or the log"
                )
        return None


def _age(path: Path) -> float:
    """Return what is less the later a file was written, 0 when it is not there."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


class Saving:
    """A checkpoint on its way, in a task of its own: one at a time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def is_free(self) -> bool:
        """Say whether none is on its way. Raises: what the last one raised, which is a bug."""
        if self._task is not None and self._task.done():
            self._task.result()
        return self._task is None or self._task.done()

    def begin(self, work: Coroutine[object, object, None]) -> None:
        """Begin to save."""
        self._task = asyncio.create_task(work)

    async def ended(self) -> None:
        """Wait for the one that is on its way. Raises: as `is_free`."""
        if self._task is not None:
            await self._task


def own(directory: Path, *, aside: Aside = at_once) -> Checkpoints:
    """Return checkpoints in `directory`, or in `directory-2` and so on while another process has those before.

    Of several processes of one kind on one machine each has its own; one that starts finds those of one before and of
    its neighbours, and begins with the newest.
    """
    for number in count(1):
        folder = _numbered(directory, number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            all_ = takewhile(Path.exists, (_numbered(directory, each) for each in count(1)))
            return Checkpoints(folder, lock=lock, others=[each for each in all_ if each != folder], aside=aside)
    raise AssertionError("a number is free")


def _numbered(directory: Path, number: int) -> Path:
    return directory if number == 1 else directory.with_name(f"{directory.name}-{number}")


def _header(data: bytes, version: int) -> bytes:
    named = f"{version}".encode()
    digest = hashlib.sha256(named + b"\n")
    digest.update(data)
    return b"%s %s %s\n" % (_FORMAT, named, digest.hexdigest().encode())


def _sound(content: bytes, version: int) -> bytes:
    """Return the state in a file. Raises: CheckpointUnfit: it is damaged, or of another version."""
    header, _, data = content.partition(b"\n")
    if header + b"\n" == _header(data, version):
        return data
    kind, _, rest = header.partition(b" ")
    named = rest.partition(b" ")[0].decode(errors="replace")
    if kind == _FORMAT and named.isdecimal() and header + b"\n" == _header(data, int(named)):
        raise CheckpointUnfit(f"it is of version {named}, not {version}")
    raise CheckpointUnfit("it is damaged, or of an earlier release")
