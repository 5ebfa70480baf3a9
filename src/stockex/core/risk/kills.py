"""Who may enter no orders."""


class Kills:
    """The kill switches: one for everybody, and one for each account. They do not touch each other.

    Source: docs/rules/control.md, CTL-01 to CTL-03.
    """

    def __init__(self, accounts: set[str] | None = None, *, everybody: bool = False) -> None:
        self.everybody = everybody
        self.accounts = accounts if accounts is not None else set()

    def stops(self, account: str) -> bool:
        """Say whether the account may enter no orders, by its own switch or by that for everybody."""
        return self.everybody or account in self.accounts

    def has(self, account: str | None) -> bool:
        """Say whether this very switch is on: an account's own, or with None that for everybody."""
        return self.everybody if account is None else account in self.accounts

    def turn(self, account: str | None, *, on: bool) -> None:
        """Turn one switch on or off."""
        if account is None:
            self.everybody = on
        elif on:
            self.accounts.add(account)
        else:
            self.accounts.discard(account)
