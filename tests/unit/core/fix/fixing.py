"""Bytes of FIX written as a person reads them: `|` for SOH, without BodyLength and CheckSum."""

from functools import cache

from stockex.adapters.fix_dictionary import fix44
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.framing import SOH, Frame, framed

NOW = "20261125-10:00:00.000"
HEAD = f"34=2|49=CLIENT1|52={NOW}|56=STOCKEX|"
ORDER = f"35=D|{HEAD}11=A1|21=1|38=100|40=2|44=24.95|54=1|55=ALPHA|59=0|60={NOW}|"


@cache
def standard() -> Dictionary:
    """Return all of FIX 4.4."""
    return Dictionary.from_text(fix44())


def wire(text: str) -> bytes:
    """Return the frame whose text is `text`."""
    return framed(text.replace("|", SOH))


def frame(text: str) -> Frame:
    """Return `text` as a frame that came whole."""
    return Frame("FIX.4.4", text.replace("|", SOH))
