"""What an account holds, what it cost, and what selling earned."""

from msgspec import Struct, field

from stockex.vocabulary.units import Cash, Price


class Position(Struct):
    """Shares of one symbol and what they cost in all, in units of cash (CLR-03)."""

    qty: int = 0
    basis: int = 0

    @property
    def average_cost(self) -> Price:
        """The cost of one share, to the nearest unit (half up); for display only, since sums use `basis`."""
        return Price((2 * self.basis + self.qty) // (2 * self.qty)) if self.qty else Price(0)

    def add(self, qty: int, *, cost: int) -> None:
        """Take `qty` shares in at `cost` in all."""
        self.qty += qty
        self.basis += cost

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
            self._position(symbol).add(qty, cost=qty * price)

    def bought(self, symbol: str, *, qty: int, cost: int) -> None:
        """Book a purchase of `qty` shares for `cost` in all."""
        self._position(symbol).add(qty, cost=cost)
        self.day.buy_count += 1
        self.day.traded += qty

    def sold(self, symbol: str, *, qty: int, proceeds: int) -> None:
        """Book a sale of `qty` shares for `proceeds` in all, and what it earned (CLR-04)."""
        position = self._position(symbol)
        self.realised += proceeds - position.take(qty)
        if position.qty == 0:
            del self.positions[symbol]
        self.day.sell_count += 1
        self.day.traded += qty

    def open_day(self, opening: int) -> None:
        """Begin a day that is worth `opening` at its start: counters at zero (CLR-08)."""
        self.day = Day(opening=opening, realised_before=self.realised)

    def _position(self, symbol: str) -> Position:
        return self.positions.setdefault(symbol, Position())
