"""`stockex match`: a flow as lines of JSON in, and the facts as lines of JSON out, on either book."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from time import perf_counter

from batch import BATCH
from flows.catalogue import Flow
from plain import LISTING, command_of

from stockex.messages.codec import encode
from stockex.simulation.books import Book, open_fast_exchange
from stockex.simulation.ndjson import matched, matched_in_batches


def lines_of(flow: Flow) -> list[bytes]:
    """Return the commands as lines, the listing of their instrument before them."""
    return [encode(command) for command in (LISTING, *map(command_of, flow.commands))]


def answered(lines: list[bytes], book: Book) -> Iterator[bytes]:
    """Yield the lines of the facts, in pieces."""
    if book is Book.PLAIN:
        return matched(lines)
    pieces = (lines[start : start + BATCH] for start in range(1, len(lines), BATCH))
    texts = (b"".join(line + b"\n" for line in some) for some in chain((lines[:1],), pieces))
    return matched_in_batches(texts, open_fast_exchange())


def measure(flow: Flow, book: Book) -> dict[str, float]:
    """Answer the whole flow; return the seconds that took, and what it came to."""
    lines = lines_of(flow)
    began = perf_counter()
    facts = list(answered(lines, book))
    seconds = perf_counter() - began
    trades = sum(text.count(b'"type":"traded"') for text in facts)
    return {"seconds": seconds, "facts": sum(text.count(b"\n") for text in facts) - 1, "trades": trades}


def digest(flow: Flow, book: Book) -> str:
    """Return a hash over all lines of facts."""
    found = hashlib.sha256()
    for text in answered(lines_of(flow), book):
        found.update(text)
    return found.hexdigest()
