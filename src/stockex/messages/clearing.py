"""Money and members: the records of `ledger` and `decisions`."""

from msgspec import Struct, field

from stockex.messages.executions import Fact
from stockex.vocabulary.enums import Side
from stockex.vocabulary.units import Cash, Nanos, Price, Shares


class Deposited(Fact, frozen=True, kw_only=True, tag="deposited"):
    """Cash, or shares of one symbol, came onto an account from outside."""

    account: str
    cash: Cash
    symbol: str | None
    qty: Shares = field(name="quantity")


class DaySettled(Fact, frozen=True, kw_only=True, tag="day_settled"):
    """One member's day. The cause is the command that ended the session; amounts in euro.

    `realised` is what the day's sales earned over average cost, `unrealised` what the holdings are worth
    over theirs at the closing prices.
    """

    day: int
    account: str = field(name="member_id")
    opening_capital: Cash
    closing_capital: Cash
    realised: Cash = field(name="realized_pnl")
    unrealised: Cash = field(name="unrealized_pnl")
    traded: Shares = field(name="total_securities")
    obligation_met: bool


AnyLedger = Deposited | DaySettled
"""Any record of `ledger`."""


class Decision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="decision"):
    """What a member's strategy decided. No order (`cl_ord_id` null) means that it held.

    `source` names the strategy: "rule", later also "rl" and "llm".
    """

    account: str = field(name="member_id")
    at: Nanos = field(name="timestamp")
    source: str
    text: str
    cl_ord_id: str | None = None
    symbol: str | None = None
    side: Side | None = None
    qty: Shares = field(name="quantity", default=Shares(0))
    limit: Price | None = field(name="price", default=None)
