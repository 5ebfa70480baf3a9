"""Which engine a process has: its setting says so, or what is installed."""

from importlib.util import find_spec

from stockex.core.exchange import Exchange
from stockex.services.engines.changing import ChangingEngine
from stockex.services.engines.interface import MatchingEngine
from stockex.services.engines.machine_code import two_books
from stockex.services.engines.plain import PlainEngine
from stockex.vocabulary.services import LiveBook


def has_compiled() -> bool:
    """Say whether the extra `fast` is installed."""
    return find_spec("numba") is not None


def engine_on(book: LiveBook, exchange: Exchange) -> MatchingEngine:
    """Return the engine that goes on where an exchange stands, which is not to be used any more.

    Raises: ConfigurationError: the compiled book is asked for, and the extra `fast` is not installed.
    """
    match book:
        case LiveBook.PLAIN:
            return PlainEngine(exchange, why="the setting says so")
        case LiveBook.COMPILED:
            return two_books().of(exchange)
        case LiveBook.AUTO if not has_compiled():
            return PlainEngine(exchange, why="the extra `fast` is not installed")
        case LiveBook.AUTO:
            return ChangingEngine(exchange)
