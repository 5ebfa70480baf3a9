"""Mutated FIX messages: sound ones of many types, changed in bytes, fields, frame or number."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from stockex.core.fix.framing import SOH, framed

_BODIES: Final = (
    "35=0|{head}",
    "35=0|{head}112=TEST|",
    "35=1|{head}112=X|",
    "35=2|{head}7=1|16=0|",
    "35=3|{head}45=1|371=44|373=5|",
    "35=4|{head}36=9|123=Y|",
    "35=D|{head}11={id}|21=1|38=100|40=2|44=9.50|54=1|55=ALPHA|59=0|60={now}|",
    "35=D|{head}11={id}|21=1|38=100|40=2|44=9.50|54=2|55=ALPHA|59=0|60={now}|",
    "35=D|{head}1=MDT|11={id}|18=R|38=7|40=P|54=1|55=ALPHA|60={now}|111=5|211=-0.05|453=1|448=P|447=D|452=1|",
    "35=D|{head}11={id}|38=10|40=4|44=9.80|54=1|55=ALPHA|59=6|60={now}|99=9.90|432=20991231|",
    "35=F|{head}11={id}C|38=100|41={id}|54=1|55=ALPHA|60={now}|",
    "35=G|{head}11={id}R|38=50|40=2|41={id}|44=9.60|54=1|55=ALPHA|60={now}|",
    "35=q|{head}11={id}M|60={now}|530=7|",
    "35=H|{head}11={id}|54=1|55=ALPHA|",
    "35=AF|{head}584=S|585=7|",
    "35=E|{head}66=L{id}|68=1|394=3|73=1|11={id}A|67=1|38=1|40=2|44=9|54=1|55=ALPHA|",
    "35=V|{head}262=Q{id}|263=1|264=5|265=1|267=2|269=0|269=1|146=1|55=ALPHA|",
    "35=x|{head}320=L|559=4|",
    "35=e|{head}324=S|55=ALPHA|263=0|",
    "35=g|{head}335=G|263=0|",
    "35=AD|{head}568=T{id}|569=0|263=1|580=1|75=20261125|",
    "35=B|{head}148=news|33=1|58=text|95=4|96=a=b{soh}|",
)
"""Sound messages; `{head}` is the rest of the header."""

_VALUES: Final = (
    *("", "0", "1", "-1", "Y", "N", "999999999999999999999", "1e9", "9.99999", " ", "\x00", "ÿ", "="),
    *("A" * 300, "9" * 5_000, "20261125-10:00:00", "00000000-00:00:00", "20269999-99:99:99", "ALPHA", "NONE", "+", "."),
)
_TAGS: Final = (*("8", "9", "10", "34", "35", "43", "49", "52", "56", "97", "122", "212", "213", "90", "91"),)
_MORE_TAGS: Final = (*("95", "96", "268", "453", "0", "-1", "", "x", "01", "5001", "99999", "999999999999", "58"),)

_STEPS: Final = (-1, 1, 7, *(0,) * 97)
"""What is added to the right number; a number too low ends the connection."""

Fields = list[str]


def _drop(fields: Fields, dice: Random) -> None:
    del fields[dice.randrange(len(fields))]


def _double(fields: Fields, dice: Random) -> None:
    fields.insert(dice.randrange(len(fields) + 1), dice.choice(fields))


def _swap(fields: Fields, dice: Random) -> None:
    one, other = dice.randrange(len(fields)), dice.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]


def _revalue(fields: Fields, dice: Random) -> None:
    at = dice.randrange(len(fields))
    fields[at] = f"{fields[at].partition('=')[0]}={dice.choice(_VALUES)}"


def _retag(fields: Fields, dice: Random) -> None:
    at = dice.randrange(len(fields))
    fields[at] = f"{dice.choice(_TAGS + _MORE_TAGS)}={fields[at].partition('=')[2]}"


def _add(fields: Fields, dice: Random) -> None:
    fields.insert(dice.randrange(len(fields) + 1), f"{dice.choice(_TAGS + _MORE_TAGS)}={dice.choice(_VALUES)}")


def _flip(fields: Fields, dice: Random) -> None:
    at = dice.randrange(len(fields))
    place = dice.randrange(len(fields[at]) + 1)
    fields[at] = fields[at][:place] + chr(dice.randrange(256)) + fields[at][place + dice.randrange(2) :]


_CHANGES: Final[Sequence[Callable[[Fields, Random], None]]] = (
    *(_drop, _double, _swap, _revalue, _revalue, _retag, _add, _flip, _flip),
)


def mutant(dice: Random, header: str, *, number: int, now: str) -> bytes:
    """Return one message; one in four is sound, most of the others are so from outside.

    Args:
        dice: Decides.
        header: CompIDs, as `49=A|56=B|`.
        number: The MsgSeqNum that would be right.
        now: SendingTime, as text.
    """
    wrong = dice.choice(_STEPS) if number > 1 else 0
    again = f"43=Y|122={now}|" if dice.random() < 0.03 else ""  # noqa: PLR2004 (seldom)
    head = f"34={number + wrong}|{header}52={now}|{again}"
    text = dice.choice(_BODIES).format(head=head, id=f"{dice.randrange(64):x}-{number:x}", now=now, soh="\x02")
    fields = text.split("|")[:-1]
    for _ in range(dice.choice((0, 1, 1, 2))):
        dice.choice(_CHANGES)(fields, dice)
        if not fields:
            break
    data = framed(SOH.join(fields).encode("latin-1", "replace").decode("latin-1") + SOH)
    return data if dice.random() < 0.9 else _spoilt(data, dice)  # noqa: PLR2004 (mostly)


def _spoilt(data: bytes, dice: Random) -> bytes:
    """Return a frame with something wrong in it: a byte, its end, or noise before it."""
    at = dice.randrange(len(data))
    match dice.randrange(4):
        case 0:
            return data[:at] + bytes((dice.randrange(256),)) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[at + 1 :]
        case _:
            return dice.randbytes(dice.randrange(20)) + data
