"""The types of FIX 4.4 fields, as patterns over their text.

Source: FIX 4.4 with errata, volume 1, "FIX data types".
"""

from typing import Final

_DAY: Final = (
    "(?:[0-9]{4}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    "|02(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)0229)"
)
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.(?:[0-9]{3}){1,3})?"
_ANY: Final = "[^\x01]+"
_COUNT: Final = "[0-9]{1,18}"
_NUMBER: Final = r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})"
_INT: Final = "-?[0-9]{1,18}"

PATTERNS: Final = {
    "AMT": _NUMBER,
    "BOOLEAN": "[YN]",
    "CHAR": "[^\x01]",
    "COUNTRY": "[A-Z]{2}",
    "CURRENCY": "[A-Z]{3}",
    "DATA": _ANY,
    "EXCHANGE": _ANY,
    "FLOAT": _NUMBER,
    "INT": _INT,
    "LENGTH": _COUNT,
    "LOCALMKTDATE": _DAY,
    "MONTHYEAR": "[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|w[1-5])?",
    "MULTIPLEVALUESTRING": _ANY,
    "NUMINGROUP": "[0-9]{1,9}",
    "PERCENTAGE": _NUMBER,
    "PRICE": _NUMBER,
    "PRICEOFFSET": _NUMBER,
    "QTY": _NUMBER,
    "SEQNUM": _COUNT,
    "STRING": _ANY,
    "UTCDATEONLY": _DAY,
    "UTCTIMEONLY": _TIME,
    "UTCTIMESTAMP": f"{_DAY}-{_TIME}",
}
"""A pattern for each type; a value is of the type when all of it matches. None lets an empty value or a SOH pass."""
