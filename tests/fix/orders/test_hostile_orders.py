"""Whatever a client sends that keeps to the dictionary, it is answered, and every answer keeps to it too."""

import random

from fix.notation import decoder
from fix.orders.order_notation import Market

from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Message
from stockex.core.fix.times import SECOND, stamp
from stockex.vocabulary.units import Nanos

NUMBERS = ("1", "100", "0", "-1", "-0", "10", "9.99", "10.005", "10.00001", ".5", "-.5", "5.", "00100", "1e5", "")
LARGE = ("999999999999999999", "123456789012345678.123456789012345678", "9007199254740993", "100000001")
VALUES = {
    1: ("CLIENT", "OTHER", "a b"),
    11: (*tuple("ABCDEFGH"), "x" * 65, "a b", "é"),
    15: ("EUR", "USD"),
    18: ("6", "R", "M", "a", "Q", "H", "5", "G", "6 Q", "R M", "a R"),
    21: ("1", "2", "3"),
    37: ("6", "NONE", "999999999999999999999999", "\xb2"),
    38: NUMBERS + LARGE,
    40: ("1", "2", "3", "4", "K", "P", "J"),
    41: (*tuple("ABCDEFGH"), "x" * 65),
    44: NUMBERS + LARGE,
    54: ("1", "2", "5", "8"),
    55: ("ALPHA", "BETA", "A B"),
    59: tuple("01234567"),
    66: ("L", "M", "x" * 70),
    68: ("0", "1", "2", "99999"),
    69: ("OCO", "x"),
    99: NUMBERS + LARGE,
    110: NUMBERS,
    111: NUMBERS,
    126: ("20261125-10:00:05", "20261125-23:59:60", "99991231-23:59:59.999999999", "00010101-00:00:00"),
    152: NUMBERS,
    210: NUMBERS,
    211: NUMBERS,
    388: ("0",),
    394: ("3",),
    432: ("20261125", "20261126", "00010101", "99991231"),
    530: tuple("1234567"),
    583: ("P", "Q"),
    584: ("S",),
    585: tuple("12345678"),
    640: NUMBERS,
    790: ("R",),
    835: ("0", "1"),
    836: ("0", "2"),
}
TYPES = {
    "D": ((11, 54, 55, 38, 40, 44), (1, 15, 18, 21, 59, 99, 110, 111, 126, 152, 210, 211, 388, 432, 640, 835, 836)),
    "F": ((11, 41, 54, 55, 38), (1, 37)),
    "G": ((11, 41, 54, 55, 38, 40, 44), (1, 18, 59, 99, 110, 111, 126, 210, 211, 432, 835, 836)),
    "q": ((11, 530), (54, 55)),
    "H": ((11, 54, 55), (37, 790)),
    "AF": ((584, 585), (54, 55)),
    "M": ((66,), ()),
    "K": ((66,), ()),
}


def drawn(dice: random.Random, market: Market) -> Message | None:
    """Return a message of random fields, or None for one that the session would refuse."""
    kind = dice.choice((*TYPES, "E", "D", "D", "G"))
    if kind == "E":
        orders = "".join(f"{fields(dice, 'D', first=11)}" for _ in range(dice.randrange(1, 4)))
        count = orders.count("|11=") + orders.startswith("11=")
        body = f"66={dice.choice(VALUES[66])}|68={count}|394=3|73={count}|{orders}"
    else:
        time = "" if kind in {"H", "AF", "M"} else f"60={stamp(market.at)}|"
        body = fields(dice, kind) + time
    again = "97=Y|" if dice.random() < 0.1 else ""
    header = f"34={market.number}|49=CLIENT|52={stamp(market.at)}|56=STOCKEX|{again}"
    (frame,) = Framer().feed(framed(f"35={kind}|{header}{body}".replace("|", SOH)))
    assert isinstance(frame, Frame)
    message = decoder().decode(frame)
    return message if isinstance(message, Message) else None


def fields(dice: random.Random, kind: str, *, first: int | None = None) -> str:
    """Return random fields of a type, those that must be there mostly so; in a list each entry has its number."""
    must, may = TYPES[kind]
    tags = [tag for tag in must if dice.random() < 0.97] + [tag for tag in may if dice.random() < 0.12]
    if first is None:
        return "".join(f"{tag}={dice.choice(VALUES[tag])}|" for tag in tags)
    order = decoder().dictionary.messages["E"].body.groups[73].order
    entry = sorted({*tags, 11, 67, 583} & order.keys() - {60}, key=order.__getitem__)
    return "".join(f"{tag}={'1' if tag == 67 else dice.choice(VALUES[tag])}|" for tag in entry)


def test_every_message_is_answered_and_every_answer_is_sound() -> None:
    """20 days of 1,000 messages each, valid in form and hostile in what they say."""
    taken = 0
    for seed in range(20):
        dice, market = random.Random(seed), Market()
        for _ in range(1_000):
            market.number += 1
            market.at = Nanos(market.at + dice.choice((0, SECOND)))
            message = drawn(dice, market)
            if message is None:
                continue
            market.take(message)
            taken += 1
            assert market.sent, message
            while market.sent:
                report = market.sent.popleft()
                header = {34: "2", 49: "STOCKEX", 52: stamp(market.at), 56: "CLIENT"}
                (frame,) = Framer().feed(encoded(Message(report.msg_type, header, report.body)))
                assert isinstance(frame, Frame)
                assert isinstance(decoder().decode(frame), Message), (message, report, decoder().decode(frame))
    assert taken > 5_000
