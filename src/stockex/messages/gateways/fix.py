"""Records of `fix`: where each FIX session stands."""

from msgspec import Struct

from stockex.vocabulary.enums import Side


class Answer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A FIX message of the application that reports no fact. `header` has the fields that route it."""

    number: int
    msg_type: str
    body: str
    header: dict[int, str] | None = None


class Capture(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Which trades a FIX session subscribes to from the offset `since` of `executions` on, or no longer."""

    request_id: str
    since: int
    is_on: bool = True
    accounts: tuple[str, ...] | None = None
    symbol: str | None = None
    side: Side | None = None
    order_id: str | None = None
    cl_ord_id: str | None = None
    trade_id: str | None = None
    first: int | None = None
    last: int | None = None
    header: dict[int, str] | None = None


class SessionMoved(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, tag="moved"):
    """A FIX session has gone on.

    Reports of facts have the numbers that no message named here took, in the order of the facts. When `is_anew`,
    numbers begin anew: the session's records before this one count no more, nor do facts below `executions`. `routes`
    are the header fields of reports that name a client id.
    """

    session: str
    expected: int
    next_out: int
    executions: int
    is_up: bool
    is_anew: bool = False
    own: tuple[int, ...] = ()
    answers: tuple[Answer, ...] = ()
    lists: dict[str, tuple[str, ...]] | None = None
    routes: dict[str, dict[int, str]] | None = None
    captures: tuple[Capture, ...] | None = None
