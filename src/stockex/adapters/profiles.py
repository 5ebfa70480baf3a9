"""The rules of a market from a file: `stockex/profiles/NAME.toml` chooses a value for each setting that differs."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from importlib import resources
from typing import Final, get_args

import msgspec

from stockex.errors import ConfigurationError
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.tick_tables import BANDS, rts11
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Price, Shares, euro_text

DEFAULT_PROFILE: Final = "athex"
"""The profile whose settings are those of an instrument that names none."""

_DECIMAL: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
_TABLES: Final = {f"rts11:{band}": rts11(band) for band in BANDS}
_FIELDS: Final = {field.name: field.type for field in msgspec.structs.fields(MarketRules)}


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with the exchange."""
    files = (resources.files("stockex") / "profiles").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def profile(name: str) -> MarketRules:
    """Return the rules of the market called `name`.

    Raises:
        ConfigurationError: there is no such profile, or it cannot be used; file, key and allowed values are named.
    """
    if name not in profile_names():
        raise ConfigurationError(f"profile {name!r}: expected one of {', '.join(profile_names())}")
    return rules_in((resources.files("stockex") / "profiles" / f"{name}.toml").read_text("utf-8"), file=f"{name}.toml")


def rules_in(text: str, *, file: str) -> MarketRules:
    """Return the rules that the TOML `text` of `file` sets. Raises: ConfigurationError, as `profile`."""
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return rules_of(settings, place=file)


def rules_of(settings: Mapping[str, object], *, place: str) -> MarketRules:
    """Return the rules that `settings` name; all others are at their default.

    Values are in lower case, prices decimal texts in euro. Raises: ConfigurationError, with `place` and the key.
    """
    for key, value in settings.items():
        if key not in _FIELDS:
            raise ConfigurationError(f"{place}, {key}: no such setting; there are {', '.join(_FIELDS)}")
        if not _is_setting(key, value):
            wanted = " or ".join(values_of(key))
            raise ConfigurationError(f"{place}, {key}: expected {wanted}, got {value!r}")
    wire = {key: _wire(key, value) for key, value in settings.items()}
    return msgspec.convert(wire, MarketRules, dec_hook=_unit)


def _is_setting(key: str, value: object) -> bool:
    """Say whether a value, as profiles write it, is one that the setting may have: amounts are above zero."""
    try:
        read = msgspec.convert(_wire(key, value), _FIELDS[key], dec_hook=_unit)
    except msgspec.ValidationError:
        return False
    return read > 0 if isinstance(read, int) and not isinstance(read, bool) else read not in (None, ())


def values_of(setting: str) -> tuple[str, ...]:
    """Return the values that a setting may have, as profiles write them."""
    kinds = (_FIELDS[setting], *get_args(_FIELDS[setting]))
    if setting == "tick_table":
        return (*_TABLES, "rows of start and tick in euro as texts")
    if bool in kinds:
        return ("true", "false")
    if {int, Shares, Cash} & set(kinds):
        return ("an amount in euro as a text",) if Cash in kinds else ("a whole number above 0",)
    enums = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]
    return tuple(member.value.lower() for member in enums[0]) if enums else ("a price in euro as a text",)


def price_in(text: object) -> Price:
    """Return the price that a decimal text says in euro, exactly. Raises: ValueError for anything else."""
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise ValueError(f"expected a decimal text with at most 4 decimals, got {text!r}")
    return Price(int(Decimal(text) * UNITS_PER_EURO))


def _wire(key: str, value: object) -> object:
    """Return a setting as it stands on the wire: modes of self-trade prevention in upper case, tick tables in full."""
    if key == "tick_table" and isinstance(value, str) and value in _TABLES:
        return [[euro_text(start), euro_text(tick)] for start, tick in _TABLES[value]]
    return value.upper() if key == "self_trade" and isinstance(value, str) else value


def _unit(kind: type, value: object) -> object:
    return kind(price_in(value))
