"""What a log must hold before anybody can trade: instruments, and accounts with their first money and shares."""

from collections.abc import Collection, Mapping, Sequence

from stockex.messages.orders import AnyCommand, ChangeSession, Deposit, ListInstrument, SetRules
from stockex.vocabulary.accounts import ACCOUNTS, OPERATOR
from stockex.vocabulary.enums import SessionAction
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules

SOURCE = "GENESIS"
"""The `source` of every command that sets the exchange up."""


def genesis(
    instruments: Sequence[Instrument],
    *,
    accounts: Collection[str],
    symbols: Collection[str],
    rules: MarketRules = DEFAULT_RULES,
) -> list[AnyCommand]:
    """Return the commands that list what is not in `symbols`, with these rules, and endow what is not in `accounts`.

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
            rules=rules,
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


def new_rules(rules: MarketRules, *, known: Mapping[str, MarketRules]) -> list[AnyCommand]:
    """Return the commands that give these rules to what is listed with others (LIM-03)."""
    return [SetRules(symbol=symbol, rules=rules, source=SOURCE) for symbol, own in known.items() if own != rules]


def opening() -> ChangeSession:
    """Return the command that opens the first session, so that a new exchange trades at once."""
    return ChangeSession(action=SessionAction.START, account=OPERATOR, source=SOURCE)
