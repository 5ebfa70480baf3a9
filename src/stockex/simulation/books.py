"""The books that an exchange may run on, and exchanges that trade from the first command."""

from enum import StrEnum
from typing import TYPE_CHECKING

from stockex.core.exchange import Exchange
from stockex.services.engines.machine_code import two_books
from stockex.vocabulary.enums import Phase

if TYPE_CHECKING:
    from stockex.core.fast.exchange import FastExchange


class Book(StrEnum):
    """`plain` needs nothing else; `compiled` runs common commands at compiled speed, and needs the extra `fast`."""

    PLAIN = "plain"
    COMPILED = "compiled"


def open_exchange() -> Exchange:
    """Return an exchange that trades from the first command: no instrument, no limits, day 1 open."""
    exchange = Exchange(open_accounts=True)
    exchange.phase, exchange.day = Phase.CONTINUOUS, 1
    return exchange


def fast_exchange(*, open_accounts: bool = False) -> "FastExchange":
    """Return a new exchange on two books.

    Args: open_accounts: Whether accounts that never had a deposit may trade without limits.
    Raises: ConfigurationError: the extra `fast` is not installed.
    """
    return two_books()(open_accounts=open_accounts)


def open_fast_exchange() -> "FastExchange":
    """Return an exchange on two books that trades from the first command. Raises: as `fast_exchange`."""
    exchange = fast_exchange(open_accounts=True)
    exchange.exchange.phase, exchange.exchange.day = Phase.CONTINUOUS, 1
    return exchange


def open_on(book: Book) -> "Exchange | FastExchange":
    """Return an exchange that trades from the first command, on a book. Raises: as `fast_exchange`."""
    return open_exchange() if book is Book.PLAIN else open_fast_exchange()


def whole(exchange: "Exchange | FastExchange") -> Exchange:
    """Return the exchange with everything on its plain book, to be looked at."""
    return exchange if isinstance(exchange, Exchange) else exchange.whole()
