"""Client order ids that may not be used again."""

from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 10_000
"""How many of its accepted client ids the engine remembers for an account, the newest ones (rule VAL-02)."""


class UsedIds:
    """The newest client ids that each account has used, so that an order sent twice is taken once."""

    def __init__(self) -> None:
        self._used: dict[str, OrderedDict[str, None]] = {}

    def __contains__(self, key: tuple[str, str]) -> bool:
        account, cl_ord_id = key
        return cl_ord_id in self._used.get(account, ())

    def add(self, account: str, cl_ord_id: str) -> None:
        """Remember one more id, and forget the oldest beyond `REMEMBERED`."""
        used = self._used.setdefault(account, OrderedDict())
        used[cl_ord_id] = None
        if len(used) > REMEMBERED:
            used.popitem(last=False)

    def as_lists(self) -> dict[str, list[str]]:
        """Return the ids of each account, oldest first."""
        return {account: list(ids) for account, ids in self._used.items()}

    @classmethod
    def of(cls, lists: dict[str, list[str]]) -> "UsedIds":
        """Return the ids that `as_lists` gave."""
        used = cls()
        used._used = {account: OrderedDict.fromkeys(ids) for account, ids in lists.items()}
        return used
