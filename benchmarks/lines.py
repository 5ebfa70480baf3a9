"""The whole engine, each account held to what it has: lines of JSON in, or records, and facts out as lines of JSON."""

import hashlib
from collections.abc import Iterator

import numpy as np
from batch import BATCH, CASH, SHARES
from flows.catalogue import Flow
from plain import LISTING, SYMBOL, command_of
from stopwatch import Stopwatch

from stockex.messages.codec import decode_command, encode
from stockex.messages.orders import Deposit
from stockex.simulation.books import Book, open_fast_exchange
from stockex.simulation.ndjson import matched, matched_in_batches
from stockex.vocabulary.units import Cash, Shares


def texts_of(flow: Flow) -> Iterator[bytes]:
    """Yield the commands as lines, in batches; the first of these lists the instrument and funds the accounts."""
    accounts = (f"A{account}" for account in np.unique(flow.commands["account"]).tolist())
    funded = (Deposit(account=one, cash=Cash(CASH), symbol=SYMBOL, qty=Shares(SHARES)) for one in accounts)
    yield b"".join(encode(one) + b"\n" for one in (LISTING, *funded))
    for start in range(0, len(flow.commands), BATCH):
        yield b"".join(encode(command_of(row)) + b"\n" for row in flow.commands[start : start + BATCH])


def measure(flow: Flow, *, reads: bool) -> dict[str, float]:
    """Answer the flow; return the time that took, and what it came to.

    Args: reads: Whether the time to read the lines into records counts.
    """
    texts, exchange = list(texts_of(flow)), open_fast_exchange()
    reading, obeying = Stopwatch(), Stopwatch()
    first = trades = facts = 0
    for number, text in enumerate(texts):
        with reading:
            batch = exchange.read(text, first=first)
        with obeying:
            found = b"".join(exchange.obey(batch, read=decode_command))
        first += text.count(b"\n")
        if number == 0:
            reading, obeying = Stopwatch(), Stopwatch()
        else:
            facts += found.count(b"\n")
            trades += found.count(b'"type":"traded"')
    told = obeying.told()
    if reads:
        told = {name: value + told[name] for name, value in reading.told().items()}
    return told | {"facts": facts, "trades": trades}


def digest(flow: Flow, book: Book) -> str:
    """Return a hash over all lines of facts."""
    texts = list(texts_of(flow))
    if book is Book.PLAIN:
        answers = matched(b"".join(texts).splitlines())
    else:
        answers = matched_in_batches(texts, open_fast_exchange())
    found = hashlib.sha256()
    for text in answers:
        found.update(text)
    return found.hexdigest()
