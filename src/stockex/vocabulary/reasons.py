"""Every reason to refuse a command, in the order in which they are checked.

The first rule a command breaks is the one it is told. `docs/rules/` numbers the rules; the table `RULES` ties each
reason to its number, to the wire field at fault and to one sentence a participant can act on.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class RejectReason(StrEnum):
    """Why a command was refused. Declared in order of precedence."""

    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    ACCOUNT_KILLED = "ACCOUNT_KILLED"
    MARKET_CLOSED = "MARKET_CLOSED"
    MARKET_SUSPENDED = "MARKET_SUSPENDED"
    INSTRUMENT_HALTED = "INSTRUMENT_HALTED"
    DUPLICATE_CL_ORD_ID = "DUPLICATE_CL_ORD_ID"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    BAD_QUANTITY = "BAD_QUANTITY"
    QUANTITY_TOO_LARGE = "QUANTITY_TOO_LARGE"
    ODD_LOT = "ODD_LOT"
    PRICE_MISSING = "PRICE_MISSING"
    PRICE_NOT_ALLOWED = "PRICE_NOT_ALLOWED"
    BAD_PRICE = "BAD_PRICE"
    PRICE_TOO_HIGH = "PRICE_TOO_HIGH"
    OFF_TICK = "OFF_TICK"
    STOP_MISSING = "STOP_MISSING"
    STOP_NOT_ALLOWED = "STOP_NOT_ALLOWED"
    BAD_STOP = "BAD_STOP"
    TRAIL_MISSING = "TRAIL_MISSING"
    TRAIL_NOT_ALLOWED = "TRAIL_NOT_ALLOWED"
    BAD_TRAIL = "BAD_TRAIL"
    PEG_OFFSET_NOT_ALLOWED = "PEG_OFFSET_NOT_ALLOWED"
    BAD_PEG_OFFSET = "BAD_PEG_OFFSET"
    POST_ONLY_CONFLICT = "POST_ONLY_CONFLICT"
    BAD_DISPLAY = "BAD_DISPLAY"
    DISPLAY_OFF_LOT = "DISPLAY_OFF_LOT"
    BAD_MIN_VISIBLE = "BAD_MIN_VISIBLE"
    BAD_MIN_EXEC = "BAD_MIN_EXEC"
    BAD_MIN_QTY = "BAD_MIN_QTY"
    UNSUPPORTED_COMBINATION = "UNSUPPORTED_COMBINATION"
    NEEDS_CALL = "NEEDS_CALL"
    NOT_IN_CALL = "NOT_IN_CALL"
    NEEDS_OPENING = "NEEDS_OPENING"
    CLOSE_IS_PAST = "CLOSE_IS_PAST"
    EXPIRY_MISSING = "EXPIRY_MISSING"
    EXPIRY_NOT_ALLOWED = "EXPIRY_NOT_ALLOWED"
    BAD_EXPIRY = "BAD_EXPIRY"
    OCO_NOT_FOUND = "OCO_NOT_FOUND"
    OCO_NOT_A_PAIR = "OCO_NOT_A_PAIR"
    OCO_TAKEN = "OCO_TAKEN"
    BELOW_FILLED = "BELOW_FILLED"
    ABOVE_MAX_QUANTITY = "ABOVE_MAX_QUANTITY"
    ABOVE_MAX_VALUE = "ABOVE_MAX_VALUE"
    OUTSIDE_BAND = "OUTSIDE_BAND"
    FAT_FINGER_PRICE = "FAT_FINGER_PRICE"
    INSUFFICIENT_CASH = "INSUFFICIENT_CASH"
    INSUFFICIENT_SHARES = "INSUFFICIENT_SHARES"
    POST_ONLY_WOULD_TRADE = "POST_ONLY_WOULD_TRADE"
    SESSION_ALREADY_OPEN = "SESSION_ALREADY_OPEN"
    SESSION_NOT_OPEN = "SESSION_NOT_OPEN"
    ALREADY_SUSPENDED = "ALREADY_SUSPENDED"
    NOT_SUSPENDED = "NOT_SUSPENDED"
    ALREADY_LISTED = "ALREADY_LISTED"
    BAD_TICK = "BAD_TICK"
    BAD_LOT = "BAD_LOT"
    BAD_RULES = "BAD_RULES"
    NO_CALL = "NO_CALL"
    WRONG_PHASE = "WRONG_PHASE"
    BAD_DURATION = "BAD_DURATION"
    BAD_AMOUNT = "BAD_AMOUNT"
    ALREADY_KILLED = "ALREADY_KILLED"
    NOT_KILLED = "NOT_KILLED"
    UNKNOWN_TRADE = "UNKNOWN_TRADE"
    TRADE_BUSTED = "TRADE_BUSTED"
    NOT_A_CORRECTION = "NOT_A_CORRECTION"


class Rule(NamedTuple):
    """What a reason means to the one who is refused."""

    number: str
    field: str
    sentence: str


_R = RejectReason
RULES: Final[dict[RejectReason, Rule]] = {
    _R.UNKNOWN_ACCOUNT: Rule("ACC-01", "account", "No such account."),
    _R.UNKNOWN_SYMBOL: Rule("VAL-01", "symbol", "No such instrument."),
    _R.ACCOUNT_KILLED: Rule("CTL-02", "account", "The kill switch is on: orders can only be cancelled."),
    _R.MARKET_CLOSED: Rule("SES-01", "symbol", "The market is closed."),
    _R.MARKET_SUSPENDED: Rule("SES-02", "symbol", "Trading is suspended; orders can only be cancelled."),
    _R.INSTRUMENT_HALTED: Rule("SES-07", "symbol", "The instrument is halted; its orders can only be cancelled."),
    _R.DUPLICATE_CL_ORD_ID: Rule("VAL-02", "cl_ord_id", "The account has used this client order id."),
    _R.UNKNOWN_ORDER: Rule("VAL-03", "orig_cl_ord_id", "The account has no such open order in this symbol."),
    _R.BAD_QUANTITY: Rule("VAL-04", "quantity", "The quantity must be positive."),
    _R.QUANTITY_TOO_LARGE: Rule("VAL-04", "quantity", "The quantity is above the limit of one order."),
    _R.ODD_LOT: Rule("VAL-05", "quantity", "The quantity must be a multiple of the lot."),
    _R.PRICE_MISSING: Rule("VAL-06", "price", "A limit order needs a price."),
    _R.PRICE_NOT_ALLOWED: Rule("VAL-06", "price", "A market order has no price."),
    _R.BAD_PRICE: Rule("VAL-06", "price", "The price must be positive."),
    _R.PRICE_TOO_HIGH: Rule("VAL-06", "price", "The price is above the limit of one order."),
    _R.OFF_TICK: Rule("VAL-07", "price", "The price must be a multiple of the tick."),
    _R.STOP_MISSING: Rule("VAL-09", "stop_price", "A stop order needs a stop price."),
    _R.STOP_NOT_ALLOWED: Rule("VAL-09", "stop_price", "Only a stop that waits has a stop price."),
    _R.BAD_STOP: Rule("VAL-09", "stop_price", "The stop price must be a price within limits on the tick grid."),
    _R.TRAIL_MISSING: Rule("VAL-15", "trail", "A trailing stop needs its distance from the last price."),
    _R.TRAIL_NOT_ALLOWED: Rule("VAL-15", "trail", "Only a trailing stop has a distance from the last price."),
    _R.BAD_TRAIL: Rule("VAL-15", "trail", "The distance is above zero and at most the limit of a price."),
    _R.PEG_OFFSET_NOT_ALLOWED: Rule("VAL-19", "peg_offset", "Only a pegged order has an offset."),
    _R.BAD_PEG_OFFSET: Rule(
        "VAL-19", "peg_offset", "An offset from the best price of the own side leads away from it."
    ),
    _R.POST_ONLY_CONFLICT: Rule("VAL-08", "post_only", "Only a limit order that may rest can be post-only."),
    _R.BAD_DISPLAY: Rule("VAL-10", "display_quantity", "An iceberg shows at least one share, at most its quantity."),
    _R.DISPLAY_OFF_LOT: Rule("VAL-10", "display_quantity", "The display quantity must be a multiple of the lot."),
    _R.BAD_MIN_VISIBLE: Rule("VAL-10", "min_visible", "The least that is visible is above zero, at most the display."),
    _R.BAD_MIN_EXEC: Rule("VAL-11", "min_exec", "The minimum execution is above zero and at most the quantity."),
    _R.BAD_MIN_QTY: Rule("VAL-16", "min_qty", "The minimum quantity is above zero and at most the quantity."),
    _R.UNSUPPORTED_COMBINATION: Rule("VAL-12", "ord_type", "These terms do not go together."),
    _R.NEEDS_CALL: Rule("VAL-13", "time_in_force", "An order good for the auction can only be entered in a call."),
    _R.NOT_IN_CALL: Rule(
        "VAL-13", "time_in_force", "In a call nothing trades at once: neither IOC, FOK nor a minimum."
    ),
    _R.NEEDS_OPENING: Rule("VAL-17", "time_in_force", "An order at the opening is entered before its auction."),
    _R.CLOSE_IS_PAST: Rule("VAL-17", "time_in_force", "There is no closing auction any more today."),
    _R.EXPIRY_MISSING: Rule("VAL-14", "expire_at", "A GTD or GTT order needs the instant at which it expires."),
    _R.EXPIRY_NOT_ALLOWED: Rule("VAL-14", "expire_at", "Only a GTD or GTT order has an instant of expiry."),
    _R.BAD_EXPIRY: Rule("VAL-14", "expire_at", "The instant of expiry must lie ahead."),
    _R.OCO_NOT_FOUND: Rule("VAL-18", "oco", "The other leg is no open order of the account in this symbol."),
    _R.OCO_NOT_A_PAIR: Rule(
        "VAL-18", "oco", "A pair is one limit and one stop order of one side, both of which may stand."
    ),
    _R.OCO_TAKEN: Rule("VAL-18", "oco", "The other leg is one of a pair already."),
    _R.BELOW_FILLED: Rule("REP-03", "quantity", "The new quantity must exceed what has been filled."),
    _R.ABOVE_MAX_QUANTITY: Rule("LIM-04", "quantity", "The quantity is above the instrument's largest order."),
    _R.ABOVE_MAX_VALUE: Rule("LIM-05", "quantity", "Price times quantity is above the instrument's largest order."),
    _R.OUTSIDE_BAND: Rule("LIM-06", "price", "The price is too far from the reference price."),
    _R.FAT_FINGER_PRICE: Rule("LIM-07", "price", "The price is too far through the market."),
    _R.INSUFFICIENT_CASH: Rule("RSK-01", "quantity", "The cash not yet reserved does not cover the order."),
    _R.INSUFFICIENT_SHARES: Rule("RSK-02", "quantity", "The shares not yet reserved do not cover the order."),
    _R.POST_ONLY_WOULD_TRADE: Rule("TRD-08", "price", "A post-only order may not trade on entry."),
    _R.SESSION_ALREADY_OPEN: Rule("SES-03", "action", "The session is open already."),
    _R.SESSION_NOT_OPEN: Rule("SES-03", "action", "The session is not open."),
    _R.ALREADY_SUSPENDED: Rule("SES-03", "action", "The session is suspended already."),
    _R.NOT_SUSPENDED: Rule("SES-03", "action", "The session is not suspended."),
    _R.ALREADY_LISTED: Rule("REF-01", "symbol", "The instrument is listed already."),
    _R.BAD_TICK: Rule("REF-02", "tick", "The tick must be positive."),
    _R.BAD_LOT: Rule("REF-02", "lot", "The lot must be positive."),
    _R.BAD_RULES: Rule("REF-03", "rules", "No market can have these settings."),
    _R.NO_CALL: Rule("AUC-07", "to", "There is no call to end."),
    _R.WRONG_PHASE: Rule("SES-06", "to", "The phase that the instrument is in does not lead there."),
    _R.BAD_DURATION: Rule("AUC-11", "duration_s", "Only a call ends by itself, within a day; a draw needs a duration."),
    _R.BAD_AMOUNT: Rule("ACC-02", "cash", "The amounts must be at least zero and within limits; shares need a symbol."),
    _R.ALREADY_KILLED: Rule("CTL-03", "account", "This kill switch is on already."),
    _R.NOT_KILLED: Rule("CTL-03", "account", "This kill switch is not on."),
    _R.UNKNOWN_TRADE: Rule("CTL-07", "trade_id", "No such trade among the newest 10,000."),
    _R.TRADE_BUSTED: Rule("CTL-08", "trade_id", "The trade was busted already."),
    _R.NOT_A_CORRECTION: Rule("CTL-09", "quantity", "A correction changes the price or lowers the quantity."),
}
"""Rule number, wire field and sentence of every reason."""
