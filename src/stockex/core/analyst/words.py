"""Sentences and the figures in them."""

from typing import Final, NamedTuple

from stockex.messages.market_data import Figure, Statement
from stockex.vocabulary.enums import Subject
from stockex.vocabulary.units import UNITS_PER_EURO, euro_text

_CENT: Final = UNITS_PER_EURO // 100


class Number(NamedTuple):
    """A figure: its value as a decimal, its unit, and how a sentence prints it."""

    value: str
    unit: str
    printed: str


class Commands(NamedTuple):
    """The commands, from first to last, whose facts a sentence is computed from."""

    first: int
    last: int


def euro(units: int) -> Number:
    """Return an amount or a price of 1/10 000 euro."""
    text = euro_text(units)
    whole, _, rest = text.partition(".")
    return Number(text, "EUR", f"{int(whole):,}.{rest}" if abs(units) >= 1_000 * UNITS_PER_EURO else text)


def money(units: int) -> Number:
    """Return an amount above zero, rounded to the cent."""
    return euro((units + _CENT // 2) // _CENT * _CENT)


def percent(points: int, *, is_signed: bool = True) -> Number:
    """Return a share or a change of so many basis points, in percent."""
    sign = "-" if points < 0 else "+" if is_signed else ""
    whole, rest = divmod(abs(points), 100)
    return Number(f"{sign.strip('+')}{whole}.{rest:02d}", "%", f"{sign}{whole}.{rest:02d}%")


def tenths(points: int) -> Number:
    """Return so many tenths of a basis point, in basis points."""
    text = f"{points // 10}.{points % 10}"
    return Number(text, "bp", f"{text} bp")


def shares(count: int) -> Number:
    """Return a number of shares."""
    return Number(str(count), "shares", f"{count:,}")


def times(count: int, noun: str) -> Number:
    """Return how many there are of something: "1 trade", "3 trades"."""
    return Number(str(count), f"{noun}s", f"{count:,} {noun}{'' if count == 1 else 's'}")


def ratio(part: int, whole: int) -> int:
    """Return `part` in basis points of `whole`, which is above zero, rounded half up."""
    return (2 * 10_000 * part + whole) // (2 * whole)


def statement(
    subject: Subject, sentence: str, *, commands: Commands, symbol: str | None = None, **figures: Number
) -> Statement:
    """Return a sentence whose numbers are its figures: `sentence` names each in braces."""
    return Statement(
        subject=subject,
        text=sentence.format(**{name: number.printed for name, number in figures.items()}),
        symbol=symbol,
        figures=tuple(Figure(name=name, value=number.value, unit=number.unit) for name, number in figures.items()),
        first=commands.first,
        last=commands.last,
    )
