"""The world's faults, as one tree of exceptions.

    StockExError
    ├── WireError            bytes that are not a valid message; names the field
    ├── ConfigurationError   a setting that cannot be used; names the setting
    ├── CheckpointUnfit      a checkpoint that is damaged, of another version or of another log
    ├── Unexplained          an explanation that cannot be given
    │   ├── NothingThere     no such command, or no call whose auction could be explained
    │   ├── TooFarBack       too much would have to be replayed
    │   └── TooBusy          others are waiting for explanations already
    ├── FixError             a FIX venue does not do what we asked
    │   ├── VenueUnreachable nobody listens at its address
    │   ├── LogonRefused     it ended the connection instead of logging us on; says why
    │   └── NotLoggedOn      the session is not up
    └── LogError             the log cannot do what was asked
        ├── LogLocked        another process writes this log
        ├── LogDamaged       the file is not a log, or is broken
        ├── LogCut           a reader wants what the log does not keep any more; says what is kept
        └── LogClosed        append or read after close
            └── LogFenced    another process took over writing this log

A participant's mistake is no exception but a fact (`Rejected`). Our own bug is an `assert`, never caught.
"""


class StockExError(Exception):
    """Anything outside this program that went wrong."""


class WireError(StockExError):
    """Bytes or values that are not a valid message.

    Attributes:
        field: Dotted path of the offending field, "" when the whole record is malformed.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        """Say what is wrong with which field."""
        super().__init__(message)
        self.field = field


class ConfigurationError(StockExError):
    """A setting that cannot be used."""


class CheckpointUnfit(StockExError):
    """A checkpoint that is damaged, of another version, or of another log; the log has all that it holds."""


class Unexplained(StockExError):
    """An explanation that cannot be given."""


class NothingThere(Unexplained):
    """There is no such command, or no call whose auction could be explained."""


class TooFarBack(Unexplained):
    """Too much would have to be replayed."""


class TooBusy(Unexplained):
    """Others are waiting for explanations already."""


class FixError(StockExError):
    """A FIX venue does not do what we asked."""


class VenueUnreachable(FixError):
    """Nobody listens at the venue's address, or not in time."""


class LogonRefused(FixError):
    """The venue ended the connection instead of logging us on."""


class NotLoggedOn(FixError):
    """The session is not up."""


class LogError(StockExError):
    """The log cannot do what was asked."""


class LogLocked(LogError):
    """Another process writes this log."""


class LogDamaged(LogError):
    """The file is not a log, or it is broken."""


class LogCut(LogError):
    """A reader wants records that the log does not keep any more.

    Attributes:
        topic: Of which topic.
        first: The first offset that is kept.
    """

    def __init__(self, topic: str, first: int) -> None:
        """Say what is kept."""
        super().__init__(f"the log keeps {topic} from offset {first} on, and no earlier record")
        self.topic, self.first = topic, first


class LogClosed(LogError):
    """The log was closed before or during the call."""


class LogFenced(LogClosed):
    """Another process took over writing this log; this one must stop."""
