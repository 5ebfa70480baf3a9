"""Why a message is refused in the session: SessionRejectReason (373) and its text.

Source: FIX 4.4, volume 2, Reject.
"""

from enum import IntEnum
from typing import Final


class SessionRejectReason(IntEnum):
    """What is wrong with a message, so that no application sees it."""

    INVALID_TAG = 0
    REQUIRED_TAG_MISSING = 1
    TAG_NOT_DEFINED = 2
    NO_VALUE = 4
    VALUE_INCORRECT = 5
    FORMAT_INCORRECT = 6
    COMP_ID = 9
    SENDING_TIME = 10
    INVALID_MSG_TYPE = 11
    REPEATED_TAG = 13
    OUT_OF_ORDER = 14
    GROUP_OUT_OF_ORDER = 15
    GROUP_COUNT = 16
    CONTAINS_DELIMITER = 17


TEXTS: Final = {
    SessionRejectReason.INVALID_TAG: "Invalid tag number",
    SessionRejectReason.REQUIRED_TAG_MISSING: "Required tag missing",
    SessionRejectReason.TAG_NOT_DEFINED: "Tag not defined for this message type",
    SessionRejectReason.NO_VALUE: "Tag specified without a value",
    SessionRejectReason.VALUE_INCORRECT: "Value is incorrect (out of range) for this tag",
    SessionRejectReason.FORMAT_INCORRECT: "Incorrect data format for value",
    SessionRejectReason.COMP_ID: "CompID problem",
    SessionRejectReason.SENDING_TIME: "SendingTime accuracy problem",
    SessionRejectReason.INVALID_MSG_TYPE: "Invalid MsgType",
    SessionRejectReason.REPEATED_TAG: "Tag appears more than once",
    SessionRejectReason.OUT_OF_ORDER: "Tag specified out of required order",
    SessionRejectReason.GROUP_OUT_OF_ORDER: "Repeating group fields out of order",
    SessionRejectReason.GROUP_COUNT: "Incorrect NumInGroup count for repeating group",
    SessionRejectReason.CONTAINS_DELIMITER: 'Non "data" value includes field delimiter (SOH character)',
}
"""The words that go into Text (58) with each reason."""
