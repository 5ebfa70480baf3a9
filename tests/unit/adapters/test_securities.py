"""The securities file, and what is said when it cannot be used."""

from pathlib import Path

import pytest

from stockex.adapters.securities import securities
from stockex.errors import ConfigurationError
from stockex.vocabulary.instrument import MORE_SECURITIES, SECURITIES, Instrument
from stockex.vocabulary.units import Price, Shares

HEADER = "#SYMBOL\tSTART\tCURRENT\n"
REFUSED = [
    ("", "line 1: expected a header"),
    ("ALPHA\t1.00\t1.00\n", "line 1: expected a header"),
    (HEADER, "line 2: expected at least one security"),
    (HEADER + "ALPHA\t1.00\n", r"line 2: .* got 2 value\(s\)"),
    (HEADER + "ALPHA 1.00 1.00\n", r"line 2: .* got 1 value\(s\)"),
    (HEADER + "ALPHA\t1.00\t1.00\t1.00\n", r"line 2: .* got 4 value\(s\)"),
    (HEADER + "AL PHA\t1.00\t1.00\n", "line 2, symbol: .* got 'AL PHA'"),
    (HEADER + "ALPHA\tmuch\t1.00\n", "line 2, start: .* got 'much'"),
    (HEADER + "ALPHA\t1.00\t-1\n", "line 2, current: .* got '-1'"),
    (HEADER + "ALPHA\t1.00\t0\n", "line 2, current: .* got '0'"),
    (HEADER + "ALPHA\t1.00\t1.00001\n", "line 2, current: .* got '1.00001'"),
    (HEADER + "ALPHA\t1.00\t1000000.01\n", "line 2, current: .* got '1000000.01'"),
    (HEADER + "ALPHA\t1.00\tnan\n", "line 2, current: .* got 'nan'"),
    (HEADER + "ALPHA\t1.00\t1e3\n", "line 2, current: .* got '1e3'"),
    (HEADER + "ALPHA\t1.00\t1.00\n\nALPHA\t2.00\t2.00\n", "line 4, symbol: ALPHA stands on line 2"),
]


def written(directory: Path, text: str) -> Path:
    """Return a securities file in `directory` that holds `text`."""
    file = directory / "securities.txt"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_ten_are_listed() -> None:
    """The default list is the seed's readme."""
    assert securities(None) == SECURITIES


def test_more_adds_the_six() -> None:
    """The six further securities follow the ten."""
    assert securities(None, more=True) == (*SECURITIES, *MORE_SECURITIES)


def test_a_file_lists_its_securities_at_their_current_prices(tmp_path: Path) -> None:
    """Current price is the reference, the tick follows from it, a known symbol has its name."""
    file = written(tmp_path, HEADER + "ALPHA\t3.45\t3.435\nMINE\t12.00\t12.95\n")
    assert securities(file) == (
        Instrument("ALPHA", "Alpha Bank", Price(20), Shares(1), Price(34_350)),
        Instrument("MINE", "MINE", Price(100), Shares(1), Price(129_500)),
    )


def test_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    """A file from another system reads the same."""
    file = written(tmp_path, "#SYMBOL\tSTART\tCURRENT\r\nNBG\t13.66\t12.95\r\n\r\n")
    assert [listed.symbol for listed in securities(file)] == ["NBG"]


def test_more_does_not_list_a_security_twice(tmp_path: Path) -> None:
    """A file's own line wins over the built-in one."""
    listed = securities(written(tmp_path, HEADER + "ENX\t124.50\t142.40\n"), more=True)
    assert [instrument.reference for instrument in listed if instrument.symbol == "ENX"] == [Price(1_424_000)]


@pytest.mark.parametrize("units", [1, 16_100, 34_301, 249_500, 9_999_999, 9_999_999_999, 10_000_000_000])
def test_a_price_is_read_exactly(tmp_path: Path, units: int) -> None:
    """Every 1/10 000 euro survives, whatever a binary fraction makes of it."""
    text = f"{units // 10_000}.{units % 10_000:04d}"
    assert securities(written(tmp_path, f"{HEADER}ALPHA\t1.00\t{text}\n"))[0].reference == Price(units)


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_a_bad_file_is_refused_by_line_and_field(tmp_path: Path, text: str, says: str) -> None:
    """The error names the setting, the file, the line and the field."""
    with pytest.raises(ConfigurationError, match=f"^SECURITIES_FILE: .*securities.txt, {says}"):
        securities(written(tmp_path, text))


def test_a_missing_file_is_refused_by_the_settings_name(tmp_path: Path) -> None:
    """Start-up says which setting names a file that is not there."""
    with pytest.raises(ConfigurationError, match=r"^SECURITIES_FILE: .*absent\.txt cannot be read"):
        securities(tmp_path / "absent.txt")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are a fault of the file, not of ours."""
    file = tmp_path / "bytes.txt"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        securities(file)
