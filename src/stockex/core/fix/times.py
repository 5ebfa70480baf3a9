"""UTC timestamps of FIX: text to nanoseconds and back, by the proleptic Gregorian calendar.

Source: FIX 4.4, volume 1, type UTCTimestamp; days by H. Hinnant, "chrono-compatible low-level date algorithms".
"""

from functools import lru_cache
from typing import Final

from stockex.vocabulary.units import Nanos

SECOND: Final = 1_000_000_000
_DAY_S: Final = 86_400
_WHOLE: Final = len("YYYYMMDD-HH:MM:SS")
_ERA_DAYS: Final = 146_097
_SHIFT: Final = 719_468
_MONTHS: Final = 12
_MARCH: Final = 3
_FEBRUARY: Final = 2


@lru_cache(maxsize=1024)
def stamp(at: int, *, digits: int = 3) -> str:
    """Return an instant as `YYYYMMDD-HH:MM:SS` with `digits` decimals, cut, not rounded."""
    seconds, rest = divmod(at, SECOND)
    text = _seconds(seconds)
    return f"{text}.{rest:09d}"[: len(text) + 1 + digits] if digits else text


@lru_cache(maxsize=1024)
def nanos_of(text: str) -> Nanos:
    """Return the instant that a valid UTCTimestamp names."""
    return Nanos(_whole(text[:_WHOLE]) * SECOND + int(f"{text[_WHOLE + 1 :]:0<9}"))


@lru_cache(maxsize=256)
def _whole(text: str) -> int:
    """Return the second that `YYYYMMDD-HH:MM:SS` names."""
    date, _, time = text.partition("-")
    hours, minutes, seconds = time.split(":")
    return _days(date) * _DAY_S + int(hours) * 3600 + int(minutes) * 60 + int(seconds)


@lru_cache(maxsize=64)
def _seconds(seconds: int) -> str:
    days, of_day = divmod(seconds, _DAY_S)
    hours, rest = divmod(of_day, 3600)
    return f"{_date(days)}-{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


@lru_cache(maxsize=64)
def _date(days: int) -> str:
    """Return the date that lies `days` after 1970-01-01. Years begin in March, so that the leap day is the last."""
    era, of_era = divmod(days + _SHIFT, _ERA_DAYS)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + _MARCH if shifted < _MONTHS - 2 else shifted + _MARCH - _MONTHS
    year = year_of_era + era * 400 + (month <= _FEBRUARY)
    return f"{year:04d}{month:02d}{day:02d}"


@lru_cache(maxsize=64)
def _days(date: str) -> int:
    """Return how many days after 1970-01-01 the date `YYYYMMDD` lies."""
    year, month, day = int(date[:4]), int(date[4:6]), int(date[6:])
    if month <= _FEBRUARY:
        year -= 1
    era, year_of_era = divmod(year, 400)
    shifted = month + (_MONTHS - _MARCH if month <= _FEBRUARY else -_MARCH)
    of_year = (153 * shifted + 2) // 5 + day - 1
    return era * _ERA_DAYS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - _SHIFT
