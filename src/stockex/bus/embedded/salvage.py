"""What a damaged file still holds: its pages are read one by one, without SQLite, which gives up at the first fault.

Every page of the file and of the committed part of its write-ahead log is taken for a leaf of the table, and every
cell for a record: where a record really is, its seal fits. So the tree above, the index, the frames' checksums and the
list of free pages may all be broken. Source: the SQLite file format, sections 1.5, 1.6, 2.1 and 4.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from stockex.bus.embedded.seal import Row, fault_of

_PAGE: Final = 4_096
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_SALTS: Final = slice(8, 16)
_FIRST: Final = 100
"""On the first page the tree begins after the file's header."""

_COLUMNS: Final = 8
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_BLOB: Final = 12
_MORE: Final = 0x80
_MOST_BYTES: Final = 2**30
_EVERY: Final = 2**63 - 1
_NO_SEAL: Final = -1
"""A seal that fits nothing, for a record with a place for one and none in it; what version 1 wrote has no place."""


class Remains(NamedTuple):
    """What looks like a record and is no sound one: where it stands, its bytes, and what it says it is."""

    place: str
    raw: bytes
    row: Row


class Found(NamedTuple):
    """The sound records by seq, and what is left of others, by the seq they claim."""

    rows: dict[int, Row]
    remains: list[Remains]


def salvaged(path: Path) -> Found:
    """Return all that can be read of the log at `path`, which nobody may be writing. Raises: OSError."""
    data = path.read_bytes() if path.exists() else b""
    wal = path.with_name(f"{path.name}-wal")
    image, pages = _image(data, wal.read_bytes() if wal.exists() else b"")
    rows: dict[int, Row] = {}
    doubtful: dict[bytes, Remains] = {}
    for where, page in pages:
        for row, raw, is_listed in _records(page, image):
            if fault_of(row, unsealed=_EVERY) is None and (row[7] is not None or is_listed):
                rows.setdefault(row[0], row)
            elif is_listed:
                doubtful[raw] = Remains(where, raw, row)
    remains = [each for each in doubtful.values() if each.row[0] not in rows]
    return Found(dict(sorted(rows.items())), sorted(remains, key=lambda each: each.row[0]))


def _image(data: bytes, wal: bytes) -> tuple[dict[int, bytes], list[tuple[str, bytes]]]:
    """Return the pages by number as the last commit left them, and all pages of file and log with their places."""
    pages = [(f"file, page {begin // _PAGE + 1}", data[begin : begin + _PAGE]) for begin in range(0, len(data), _PAGE)]
    image = {number: page for number, (_, page) in enumerate(pages, 1)}
    frames = [wal[begin : begin + _FRAME_HEADER + _PAGE] for begin in _frames(wal)]
    for number, frame in enumerate(frames, 1):
        page = frame[_FRAME_HEADER:]
        pages.append((f"write-ahead log, frame {number}", page))
        image[int.from_bytes(frame[:4], "big")] = page
    pages.reverse()  # newest first
    return image, pages


def _frames(wal: bytes) -> range:
    """Return where the frames begin up to the last commit; those behind it belong to nobody, or to the time before."""
    every = range(_WAL_HEADER, len(wal), _FRAME_HEADER + _PAGE)
    salts = [wal[begin : begin + _FRAME_HEADER][_SALTS] for begin in every]
    generation = wal[16:24] if wal[16:24] in salts else max(salts, key=salts.count, default=b"")
    commits = [
        index
        for index, begin in enumerate(every)
        if salts[index] == generation and any(wal[begin + 4 : begin + 8])  # the size of the file after this commit
    ]
    return every[: commits[-1] + 1] if commits else every[:0]


def _records(page: bytes, image: dict[int, bytes]) -> Iterator[tuple[Row, bytes, bool]]:
    """Yield what can be read as a record at each pointer of a page, its bytes, and whether the page counts it."""
    base = _FIRST if page.startswith(b"SQLite format 3") else 0
    is_leaf = page[base : base + 1] == b"\x0d"
    cells = int.from_bytes(page[base + 3 : base + 5], "big")
    begins = range(base + 8, len(page) - 1, 2)
    for number, begin in enumerate(begins):
        place = int.from_bytes(page[begin : begin + 2], "big")
        if begin < place < len(page):
            raw = _cell(page, place, image=image)
            row = None if raw is None else _row(*raw)
            if raw is not None and row is not None:
                yield row, raw[1], is_leaf and number < cells
        elif number >= cells:
            return


def _cell(page: bytes, place: int, *, image: dict[int, bytes]) -> tuple[int, bytes] | None:
    """Return the rowid and the payload of a cell, with what it has on overflow pages; None if there is none."""
    size, place = _varint(page, place)
    rowid, place = _varint(page, place)
    if not _COLUMNS <= size <= _MOST_BYTES:
        return None
    local = _local(size)
    payload = page[place : place + local]
    overflow = int.from_bytes(page[place + local : place + local + 4], "big")
    pieces = [payload]
    left = size - local
    while left > 0:
        next_page = image.get(overflow)
        if next_page is None:
            return None
        pieces.append(next_page[4 : 4 + left])
        left -= _PAGE - 4
        overflow = int.from_bytes(next_page[:4], "big")
    return rowid, b"".join(pieces)


def _local(size: int) -> int:
    """Return how many bytes of a payload stand on the leaf itself."""
    if size <= _PAGE - 35:
        return size
    least = (_PAGE - 12) * 32 // 255 - 23
    local = least + (size - least) % (_PAGE - 4)
    return local if local <= _PAGE - 35 else least


def _row(rowid: int, payload: bytes) -> Row | None:
    """Return a payload as a row of seven or eight columns; None if it is none. Its values may be of any type."""
    end, place = _varint(payload, 0)
    values: list[object] = []
    body = end
    while place < end <= len(payload) and len(values) < _COLUMNS:
        kind, place = _varint(payload, place)
        value, body = _value(payload, body, kind=kind)
        values.append(value)
    if len(values) < _COLUMNS - 1 or body != len(payload):
        return None
    _, call, topic, offset, at, key, value, *seals = values
    seal = (_NO_SEAL if seals[0] is None else seals[0]) if seals else None
    return (rowid, call, topic, offset, at, key, value, seal)  # type: ignore[return-value]  # fault_of looks at types


def _value(payload: bytes, place: int, *, kind: int) -> tuple[object, int]:
    """Return one value of a record and the place after it."""
    if kind in _INTEGERS:
        end = place + _INTEGERS[kind]
        return int.from_bytes(payload[place:end], "big", signed=True), end
    if kind < _BLOB:  # NULL, 0, 1; a float and what is reserved are never ours
        return {8: 0, 9: 1}.get(kind), place
    end = place + (kind - _BLOB) // 2
    piece = payload[place:end]
    return (piece.decode(errors="surrogateescape") if kind % 2 else piece), end


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Return an integer of one to nine bytes and the place after it; 0 at the end of the data."""
    value = 0
    for index in range(8):
        byte = data[place + index] if place + index < len(data) else 0
        value = value << 7 | byte & 0x7F
        if byte < _MORE:
            return value, place + index + 1
    return value << 8 | (data[place + 8] if place + 8 < len(data) else 0), place + 9
