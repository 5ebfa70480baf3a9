"""Why a record is not believed, and how often that was so."""

from enum import StrEnum
from typing import Final

import structlog
from msgspec import Struct, field

from stockex.errors import WireError
from stockex.messages.topics import Topic

_SHOWN: Final = 120

_log = structlog.get_logger(__name__)


class Unfit(StrEnum):
    """Why a record is passed over."""

    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    NESTED_TOO_DEEPLY = "nested_too_deeply"
    UNKNOWN_TYPE = "unknown_type"
    BAD_FIELD = "bad_field"
    WRONG_KEY = "wrong_key"
    NOT_OURS = "not_ours"
    NO_SUCH_COMMAND = "no_such_command"
    WRONG_TIME = "wrong_time"
    TOLD_BEFORE = "told_before"
    UNKNOWN_SYMBOL = "unknown_symbol"


UNFIT_NOTES: Final[dict[Unfit, str]] = {
    Unfit.NOT_JSON: "The value is no JSON: empty, cut off, or something else.",
    Unfit.NOT_UTF8: "A text in it is no UTF-8.",
    Unfit.NESTED_TOO_DEEPLY: "Arrays or objects stand too deeply in one another.",
    Unfit.UNKNOWN_TYPE: "No message of this topic has the type that it names, or it names none.",
    Unfit.BAD_FIELD: "A field is missing, is none of this message, or holds what it cannot hold.",
    Unfit.WRONG_KEY: "The key is not the symbol that the message is about.",
    Unfit.NOT_OURS: "It stands among the facts, and no process of the exchange wrote it (Kafka only).",
    Unfit.NO_SUCH_COMMAND: "It names a command that was not in `orders` when it was written.",
    Unfit.WRONG_TIME: "It has another time than the command that it names.",
    Unfit.TOLD_BEFORE: "Its topic has it already, or has later facts.",
    Unfit.UNKNOWN_SYMBOL: "Its symbol was never listed.",
}
"""One sentence each, for the reference page."""


def unfit_of(error: WireError) -> Unfit:
    """Return the kind of a decoder's complaint."""
    text = str(error)
    if text.startswith(("JSON is malformed", "Input data was truncated", "Expected `object`")) and not error.field:
        return Unfit.NOT_JSON
    if "codec can't decode" in text:
        return Unfit.NOT_UTF8
    if text.startswith("nested"):
        return Unfit.NESTED_TOO_DEEPLY
    return Unfit.UNKNOWN_TYPE if error.field in {"type", "action"} and "enum" not in text else Unfit.BAD_FIELD


class Tally(Struct):
    """How many records of each topic were passed over, by reason; of `orders` those that the engine quarantined."""

    counts: dict[Topic, dict[str, int]] = field(default_factory=dict)

    def add(self, topic: Topic, why: Unfit, *, offset: int, text: str = "") -> None:
        """Count one more; the first, tenth, hundredth and so on of a topic and reason are told in the logs."""
        of_topic = self.counts.setdefault(topic, {})
        count = of_topic[why] = of_topic.get(why, 0) + 1
        if f"{count}".rstrip("0") == "1":
            _log.warning(
                "records_passed_over", topic=topic, reason=why, count=count, offset=offset, error=text[:_SHOWN]
            )

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(sum(of_topic.values()) for of_topic in self.counts.values())
