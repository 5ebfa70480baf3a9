"""What a log must hold before anybody can trade: instruments, and accounts with their first money and shares."""

from collections.abc import Collection, Sequence

from stockex.messages.orders import AnyCommand, ChangeSession, Deposit, ListInstrument
from stockex.vocabulary.accounts import ACCOUNTS, OPERATOR
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.instrument import Instrument

SOURCE = "GENESIS"
"""The `source` of every command that sets the exchange up."""


def genesis(
    instruments: Sequence[Instrument], *, accounts: Collection[str], symbols: Collection[str]
) -> list[AnyCommand]:
    """Return the commands that list what is not in `symbols` and endow what is not in `accounts`.

    On an empty log that is everything; on a later start it is what the configuration has gained.
    """
    new = [instrument for instrument in instruments if instrument.symbol not in symbols]
    commands: list[AnyCommand] = [
        ListInstrument(
            symbol=instrument.symbol,
            name=instrument.name,
            tick=instrument.tick,
            lot=instrument.lot,
            reference=instrument.reference,
            source=SOURCE,
        )
        for instrument in new
    ]
    for account in ACCOUNTS:
        if account.name not in accounts:
            commands.append(Deposit(account=account.name, cash=account.cash, source=SOURCE))
        if account.shares > 0:
            commands.extend(
                Deposit(account=account.name, symbol=instrument.symbol, qty=account.shares, source=SOURCE)
                for instrument in new
            )
    return commands


def opening() -> ChangeSession:
    """Return the command that opens the first session, so that a new exchange trades at once."""
    return ChangeSession(action=SessionAction.START, account=OPERATOR, source=SOURCE)
