"""Instruments, and the securities the exchange lists by default."""

from typing import Final, NamedTuple

from stockex.vocabulary.units import Price, Shares


class Instrument(NamedTuple):
    """What can be traded, and on which grid.

    `tick` is the price step and `lot` the quantity step; `reference` is the last close, or the start price
    before the first day.
    """

    symbol: str
    name: str
    tick: Price
    lot: Shares
    reference: Price


def tick_for(price: Price) -> Price:
    """Return the tick of a security that costs `price`: 0.002 under five euro, 0.005 under ten, else a cent."""
    if price < Price(50_000):
        return Price(20)
    return Price(50) if price < Price(100_000) else Price(100)


def _listed(symbol: str, name: str, *, start: int) -> Instrument:
    price = Price(start)
    return Instrument(symbol, name, tick_for(price), Shares(1), price)


SECURITIES: Final = (
    _listed("ALPHA", "Alpha Bank", start=249_500),
    _listed("PEIR", "Piraeus Bank", start=180_500),
    _listed("EXAE", "Athens Exchange Group", start=420_500),
    _listed("QUEST", "Quest Holdings", start=126_000),
    _listed("NBG", "National Bank of Greece", start=180_500),
    _listed("ATTIK", "Attika Bank", start=39_500),
    _listed("INTKA", "Intertech", start=39_500),
    _listed("AEG", "AEG", start=39_500),
    _listed("AAAK", "AAAK", start=39_500),
    _listed("EUROB", "Eurobank", start=39_500),
)
"""The ten securities of the seed's readme at their start prices."""

MORE_SECURITIES: Final = (
    _listed("AMZN", "Amazon", start=1_836_700),
    _listed("TSLA", "Tesla", start=3_471_500),
    _listed("NVDA", "NVIDIA", start=1_588_900),
    _listed("GOOGL", "Alphabet", start=2_618_000),
    _listed("AAPL", "Apple", start=2_217_500),
    _listed("ENX", "Euronext", start=1_245_000),
)
"""Six more that the seed listed later, in euro; listed when asked for."""
