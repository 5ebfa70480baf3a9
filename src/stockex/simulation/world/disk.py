"""Where the processes of a simulated machine keep their checkpoints: it fills up, and it damages what it holds."""

from pathlib import Path

from stockex.adapters.checkpoints import Files
from stockex.core.dice import Dice


class Disk:
    """Files by name. `is_full`: it takes none, for a while."""

    def __init__(self) -> None:
        self.files: dict[Path, bytes] = {}
        self.is_full = False

    def tear(self, dice: Dice) -> bool:
        """Damage one file: a bit is another, its end is missing, or all of it. Say whether there was one."""
        if not self.files:
            return False
        path = dice.choose(sorted(self.files))
        content = bytearray(self.files.pop(path))
        place = dice.integer(0, max(len(content) - 1, 0))
        match dice.integer(1, 3):
            case 1:
                content[place : place + 1] = bytes(
                    byte ^ 1 << dice.integer(0, 7) for byte in content[place : place + 1]
                )
                self.files[path] = bytes(content)
            case 2:
                self.files[path] = bytes(content[:place])
            case _:
                pass
        return True


class DiskFiles(Files):
    """A process's way to a simulated disk; cut off once the process is killed."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.is_cut_off = False

    def read(self, path: Path) -> bytes:
        """Return what a file holds."""
        if path not in self._disk.files:
            raise FileNotFoundError(path)
        return self._disk.files[path]

    def write(self, path: Path, content: bytes) -> None:
        """Write a file, unless the disk is full."""
        if self._disk.is_full:
            raise OSError("no space is left")
        if not self.is_cut_off:
            self._disk.files[path] = content

    def move(self, path: Path, target: Path) -> None:
        """Let a file take the place of another."""
        if not self.is_cut_off:
            self._disk.files[target] = self.read(path)
            del self._disk.files[path]

    def sync(self, directory: Path) -> None:
        """Do nothing: what was moved is durable."""
