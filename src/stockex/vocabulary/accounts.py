"""The accounts of the exchange and what each starts with."""

from enum import StrEnum
from typing import Final, NamedTuple

from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Shares


class Role(StrEnum):
    """What an account may do beyond trading for itself."""

    MEMBER = "member"
    CLIENT = "client"
    MARKET_MAKER = "market_maker"
    OPERATOR = "operator"


class Account(NamedTuple):
    """An account at its opening: cash, and shares of every listed instrument."""

    name: str
    role: Role
    cash: Cash
    shares: Shares


MEMBERS: Final = tuple(f"USR{number:02d}" for number in range(1, 11))
"""The ten clearing members."""

CLIENTS: Final = ("CLIENT1", "CLIENT2")
"""The FIX clients, each with an account of its own."""

MARKET_MAKER: Final = "MDF"
"""The feeder's account, which quotes both sides of every book."""

FLOW: Final = "MDT"
"""The feeder's taker: natural order flow, kept apart from the quotes so that the two may trade with each other."""

OPERATOR: Final = "OPERATOR"
"""The account that controls the session and owns nothing."""

START_CAPITAL: Final = Cash(100_000 * UNITS_PER_EURO)
"""What a member starts with: EUR 100,000."""

DAILY_OBLIGATION: Final = Shares(20)
"""How many shares a member must trade a day, bought and sold together."""

ACCOUNTS: Final = (
    *(Account(name, Role.MEMBER, START_CAPITAL, Shares(0)) for name in MEMBERS),
    *(Account(name, Role.CLIENT, START_CAPITAL, Shares(1_000)) for name in CLIENTS),
    Account(MARKET_MAKER, Role.MARKET_MAKER, Cash(10_000_000_000 * UNITS_PER_EURO), Shares(100_000_000)),
    Account(FLOW, Role.MARKET_MAKER, Cash(10_000_000_000 * UNITS_PER_EURO), Shares(100_000_000)),
    Account(OPERATOR, Role.OPERATOR, Cash(0), Shares(0)),
)
"""Every account that exists at first start."""
