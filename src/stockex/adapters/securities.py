"""Which instruments the exchange lists at its first start: the built-in ones, or those of a file.

The file is the seed's: a header line that starts with `#SYMBOL`, then one line a security, its symbol, start price
and current price between tabs. Blank lines are passed over. The current price becomes the reference; the tick
follows from it, the lot is one share.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from stockex.errors import ConfigurationError
from stockex.vocabulary.instrument import MORE_SECURITIES, SECURITIES, Instrument, tick_for
from stockex.vocabulary.units import MAX_PRICE, UNITS_PER_EURO, Price, Shares

_HEADER: Final = "#SYMBOL"
_FIELDS: Final = ("symbol", "start", "current")
_SYMBOL: Final = re.compile(r"[!-~]{1,64}")
_PRICE: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?")
_NAMES: Final = {listed.symbol: listed.name for listed in (*SECURITIES, *MORE_SECURITIES)}


def securities(file: Path | None, *, more: bool = False) -> tuple[Instrument, ...]:
    """Return the instruments to list, in listing order.

    Args:
        file: Lists these instead of the ten built in.
        more: Adds the six further ones, save those that are listed already.

    Raises:
        ConfigurationError: the file cannot be read or used; its line and field are named.
    """
    listed = SECURITIES if file is None else _read(file)
    symbols = {instrument.symbol for instrument in listed}
    return (*listed, *(instrument for instrument in MORE_SECURITIES if more and instrument.symbol not in symbols))


def _read(file: Path) -> tuple[Instrument, ...]:
    """Return the instruments of `file`. Raises: ConfigurationError, as `securities`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"SECURITIES_FILE: {file} cannot be read: {error}") from error
    try:
        return tuple(_instruments(lines))
    except ValueError as error:
        raise ConfigurationError(f"SECURITIES_FILE: {file}, {error}") from error


def _instruments(lines: Sequence[str]) -> Iterator[Instrument]:
    """Yield one instrument a line after the header. Raises: ValueError naming line and field."""
    if not lines or not lines[0].startswith(_HEADER):
        raise ValueError(f"line 1: expected a header that starts with {_HEADER}")
    first: dict[str, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        values = line.strip().split("\t")
        if len(values) != len(_FIELDS):
            raise ValueError(f"line {number}: expected {', '.join(_FIELDS)} between tabs, got {len(values)} value(s)")
        instrument = _instrument(number, values)
        if instrument.symbol in first:
            raise ValueError(f"line {number}, symbol: {instrument.symbol} stands on line {first[instrument.symbol]}")
        first[instrument.symbol] = number
        yield instrument
    if not first:
        raise ValueError("line 2: expected at least one security")


def _instrument(number: int, values: Sequence[str]) -> Instrument:
    """Return the instrument of line `number`. Raises: ValueError naming line and field."""
    symbol, start, current = (value.strip() for value in values)
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError(f"line {number}, symbol: expected 1 to 64 visible ASCII characters, got {symbol!r}")
    _price(start, place=f"line {number}, start")
    reference = _price(current, place=f"line {number}, current")
    return Instrument(symbol, _NAMES.get(symbol, symbol), tick_for(reference), Shares(1), reference)


def _price(text: str, *, place: str) -> Price:
    """Return the price that `text` says in euro, exactly. Raises: ValueError naming `place`."""
    units = int(Decimal(text) * UNITS_PER_EURO) if _PRICE.fullmatch(text) else 0
    if not 0 < units <= MAX_PRICE:
        raise ValueError(f"{place}: expected euro above 0, at most 1000000, with at most 4 decimals, got {text!r}")
    return Price(units)
