"""Measure FIX 4.4 on one core, sockets left out: orders read, orders through a session, orders written.

    python benchmarks/fix_speed.py --orders 100000

Each figure is messages a second of processor time. The orders have 15 fields, and no two are equal.
"""

import argparse
import sys
from collections.abc import Callable
from time import process_time
from typing import Final

from stockex.adapters.fix_dictionary import fix44
from stockex.core.fix.decode import Decoder
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Message
from stockex.core.fix.reading import read
from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import nanos_of

NOW: Final = "20261125-18:50:10"
CHUNK: Final = 4096
FIRST: Final = 2


def order(number: int) -> bytes:
    """Return a limit order."""
    at = f"{NOW}.{number % 1000:03d}"
    text = (
        f"35=D|34={number}|49=CLIENT1|52={at}|56=STOCKEX|11=ORD{number:08d}|1=ACC1|21=1|38={number % 500 + 1}|40=2|"
        f"44=24.{number % 100:02d}|54={1 + number % 2}|55=ALPHA|59=0|60={at}|"
    )
    return framed(text.replace("|", SOH))


def chunks(orders: int) -> list[bytes]:
    """Return the stream of that many orders as TCP would bring it."""
    stream = b"".join(order(number) for number in range(FIRST, orders + FIRST))
    return [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]


def measured(what: str, count: int, *, work: Callable[[], int]) -> None:
    """Print how many messages a second `work` does, the best of three. It must do all of them."""
    seconds = []
    for _ in range(3):
        start = process_time()
        if work() != count:
            sys.exit(f"{what}: not all were done")
        seconds.append(process_time() - start)
    print(f"{what:<44} {count / min(seconds):>10,.0f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    count = parser.parse_args().orders
    dictionary = Dictionary.from_text(fix44())
    stream = chunks(count)
    frames = [found for found in Framer().feed(b"".join(stream)) if isinstance(found, Frame)]
    message = Decoder(dictionary).decode(frames[0])
    if not isinstance(message, Message):
        sys.exit(f"refused: {message}")

    def decode() -> int:
        decoder, framer = Decoder(dictionary), Framer()
        found = (decoder.decode(each) for data in stream for each in framer.feed(data) if isinstance(each, Frame))
        return sum(isinstance(each, Message) for each in found)

    def slowly() -> int:
        return sum(isinstance(read(found, dictionary), Message) for found in frames[: count // 10])

    def through_session() -> int:
        at = nanos_of(NOW)
        session = Session(SessionSettings(sender="STOCKEX", target="CLIENT1"))
        connection = Connection(Acceptor([session], Decoder(dictionary)), at)
        logon = framed(f"35=A|34=1|49=CLIENT1|52={NOW}|56=STOCKEX|98=0|108=30|".replace("|", SOH))
        found = (output for data in [logon, *stream] for output in connection.received(data, at))
        return sum(isinstance(output, Deliver) for output in found)

    def encode() -> int:
        return sum(bool(encoded(message)) for _ in range(count))

    measured("framed, decoded, validated", count, work=decode)
    measured("decoded and validated field by field", count // 10, work=slowly)
    measured("the same through a session to the application", count, work=through_session)
    measured("encoded", count, work=encode)


if __name__ == "__main__":
    main()
