"""What an account holds, what it cost, and what selling earned."""

from typing import NamedTuple

from msgspec import Struct, field

from stockex.vocabulary.units import Cash, Price


class Position(Struct):
    """Shares of one symbol and what they cost in all, in units of cash (CLR-03).

    Both are negative when shares are owed: they were sold on, and then the purchase was undone (CLR-10).
    """

    qty: int = 0
    basis: int = 0

    @property
    def average_cost(self) -> Price:
        """The cost of one share, to the nearest unit (half up); for display only, since sums use `basis`."""
        return Price((2 * self.basis + self.qty) // (2 * self.qty)) if self.qty else Price(0)

    def add(self, qty: int, *, cost: int) -> int:
        """Take `qty` shares in at `cost` in all; return what closing an owed part earned, else zero."""
        closing = min(qty, max(-self.qty, 0))
        freed = self.basis * closing // self.qty if closing else 0
        spent = cost * closing // qty if closing else 0
        self.qty += qty
        self.basis += freed + cost - spent
        return freed - spent

    def take(self, qty: int) -> Cash:
        """Give `qty` shares out and return the part of the basis that leaves with them.

        The part is the shares' proportion, rounded down; the last share takes what is left, so nothing is lost.

        Raises: AssertionError: more than is held. The engine reserves shares before it matches, so this is a bug.
        """
        assert 0 < qty <= self.qty, f"{qty} shares to deliver, {self.qty} held"
        out = self.basis * qty // self.qty
        self.qty -= qty
        self.basis -= out
        return Cash(out)

    def undo_purchase(self, qty: int, *, cost: int) -> int:
        """Give `qty` shares back that `cost` was paid for; return what that earned.

        What is held gives up just that cost, as far as there is so much; what is not held any more is owed from now on.
        """
        held = min(qty, max(self.qty, 0))
        paid = cost * held // qty
        out = self.basis if held and held == self.qty else min(paid, self.basis) if held else 0
        self.qty -= qty
        self.basis -= out + cost - paid
        return paid - out

    def reprice(self, qty: int, *, back: int) -> int:
        """Let a purchase of `qty` shares have cost `back` less, or more when negative; return what that earned.

        What is held of them costs less; for what is not held any more it is profit.
        """
        part = min(back * min(qty, max(self.qty, 0)) // qty, max(self.basis, 0))
        self.basis -= part
        return back - part


class Undoing(NamedTuple):
    """What becomes of a trade: so many shares go back, and those that are left go from one price to another."""

    symbol: str
    returned: int
    left: int
    was: int
    now: int


class Day(Struct):
    """One account's trading day. `opening` is its total value at the start, `realised_before` its profit until then."""

    opening: int = 0
    realised_before: int = 0
    buy_count: int = 0
    sell_count: int = 0
    traded: int = 0


class Standing(Struct):
    """All that the house knows of one account beside its balance.

    `realised` is what sales have earned over average cost since the account was opened; `contributed` what was
    deposited, shares at the reference price of that moment (CLR-05).
    """

    positions: dict[str, Position] = field(default_factory=dict)
    realised: int = 0
    contributed: int = 0
    day: Day = field(default_factory=Day)

    def deposited(self, cash: int, *, symbol: str | None, qty: int, price: int) -> None:
        """Take in a deposit, its shares at `price` each."""
        self.contributed += cash + qty * price
        if symbol is not None and qty > 0:
            self.realised += self._position(symbol).add(qty, cost=qty * price)
            self._drop_flat(symbol)

    def bought(self, symbol: str, *, qty: int, cost: int) -> None:
        """Book a purchase of `qty` shares for `cost` in all."""
        self.realised += self._position(symbol).add(qty, cost=cost)
        self._drop_flat(symbol)
        self.day.buy_count += 1
        self.day.traded += qty

    def sold(self, symbol: str, *, qty: int, proceeds: int) -> int:
        """Book a sale of `qty` shares for `proceeds` in all and what it earned (CLR-04); return the basis that left."""
        basis = self._position(symbol).take(qty)
        self.realised += proceeds - basis
        self._drop_flat(symbol)
        self.day.sell_count += 1
        self.day.traded += qty
        return basis

    def undo_purchase(self, change: Undoing) -> None:
        """Book that a purchase has other terms, or none (CLR-10)."""
        position = self._position(change.symbol)
        if change.left:
            self.realised += position.reprice(change.left, back=change.left * (change.was - change.now))
        if change.returned:
            self.realised += position.undo_purchase(change.returned, cost=change.returned * change.was)
        self._drop_flat(change.symbol)

    def undo_sale(self, change: Undoing, *, basis: int) -> int:
        """Book that a sale, with which `basis` left, has other terms or none; return how much of it still leaves."""
        kept = basis * change.left // (change.left + change.returned)
        earned = change.left * change.now - kept
        self.realised += earned - ((change.left + change.returned) * change.was - basis)
        if change.returned:
            self.realised += self._position(change.symbol).add(change.returned, cost=basis - kept)
            self._drop_flat(change.symbol)
        return kept

    def open_day(self, opening: int) -> None:
        """Begin a day that is worth `opening` at its start: counters at zero (CLR-08)."""
        self.day = Day(opening=opening, realised_before=self.realised)

    def _drop_flat(self, symbol: str) -> None:
        """Forget a position of nothing."""
        if self._position(symbol).qty == 0:
            del self.positions[symbol]

    def _position(self, symbol: str) -> Position:
        return self.positions.setdefault(symbol, Position())
