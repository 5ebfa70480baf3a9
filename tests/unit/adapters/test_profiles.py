"""Profiles: seven markets as data, and errors that say what to write instead."""

from importlib import resources
from itertools import pairwise

import pytest
from msgspec.structs import replace

from stockex.adapters.profiles import DEFAULT_PROFILE, price_in, profile, profile_names, rules_in, values_of
from stockex.core.matching.validation import rules_refusal
from stockex.errors import ConfigurationError
from stockex.vocabulary.enums import SelfTrade
from stockex.vocabulary.market_rules import AMOUNTS, Iceberg, LadderStep, MarketRemainder, MarketRules
from stockex.vocabulary.tick_tables import rts11
from stockex.vocabulary.units import Cash, Price


def test_seven_markets_come_with_the_exchange() -> None:
    """Each can be read, and no two are the same."""
    assert profile_names() == ("athex", "crypto", "euronext", "lse", "nasdaq", "tsx", "xetra")
    assert len({profile(name) for name in profile_names()}) == 7


def test_what_a_record_leaves_out_matches_as_under_the_default_profile() -> None:
    """Only its limits, its ticks and what follows its close are the profile's own."""
    rules = profile(DEFAULT_PROFILE)
    own = {"tick_table", "trading_at_last", *AMOUNTS}
    assert rules == replace(MarketRules(), **{name: getattr(rules, name) for name in own})


def test_the_default_profile_names_every_setting_but_those_it_has_not() -> None:
    """A reader finds the source of each; no collared market order, no largest quantity, no extension of a call."""
    text = (resources.files("stockex") / "profiles" / f"{DEFAULT_PROFILE}.toml").read_text("utf-8")
    names = [line.split(" = ")[0] for line in text.splitlines() if " = " in line and not line.startswith("#")]
    lacks = {"market_collar", "max_order_qty", "extended_range_bp", "extension_s", "max_extensions"}
    assert names == [name for name in MarketRules.__struct_fields__ if name not in lacks]


@pytest.mark.parametrize("name", ["athex", "crypto", "euronext", "lse", "nasdaq", "tsx", "xetra"])
def test_a_market_can_have_the_settings_of_each_profile(name: str) -> None:
    """An instrument is listed with them."""
    assert rules_refusal(profile(name)) is None


@pytest.mark.parametrize("name", ["athex", "crypto", "euronext", "lse", "nasdaq", "tsx", "xetra"])
def test_each_choice_has_a_reason(name: str) -> None:
    """A comment stands above every setting."""
    lines = (resources.files("stockex") / "profiles" / f"{name}.toml").read_text("utf-8").splitlines()
    bare = [line for above, line in pairwise(lines) if "=" in line and above[:1] != "#"]
    assert [line for line in bare if not line.startswith("#")] == []


def test_a_profile_sets_what_it_names() -> None:
    """Modes of self-trade prevention are in lower case in files; a price is a text."""
    rules = rules_in('self_trade = "cancel_both"\nmarket_collar = "0.50"\niceberg = "displayed_then_hidden"', file="f")
    assert rules == MarketRules(
        self_trade=SelfTrade.CANCEL_BOTH, market_collar=Price(5_000), iceberg=Iceberg.DISPLAYED_THEN_HIDDEN
    )


def test_a_limit_is_a_number_or_an_amount() -> None:
    """Basis points and shares are whole numbers, amounts are texts."""
    rules = rules_in('max_order_qty = 5\nmax_order_value = "0.01"\nprice_band_bp = 1000\ncollar_bp = 1', file="f")
    limits = (rules.max_order_qty, rules.max_order_value, rules.price_band_bp, rules.collar_bp)
    assert limits == (5, 100, 1_000, 1)
    assert isinstance(rules.max_order_value, Cash)


def test_a_ladder_is_a_list_of_steps() -> None:
    """In the order in which they run."""
    rules = rules_in('auction_ladder = ["min_surplus", "max_volume"]', file="f")
    assert rules.auction_ladder == (LadderStep.MIN_SURPLUS, LadderStep.MAX_VOLUME)


@pytest.mark.parametrize("text", ['"rts11:4"', '[["0", "0.0001"], ["0.2", "0.0002"]]'])
def test_a_tick_table_has_a_name_or_rows(text: str) -> None:
    """The rows stand in the rules, whichever was written."""
    rules = rules_in(f"tick_table = {text}", file="f")
    assert rules.tick_table[0] == (0, 1)
    assert rules.tick_table == (rts11(4) if "rts11" in text else ((0, 1), (2_000, 2)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("iceberg = ", "f.toml: Invalid value"),
        ('ice = "x"', "f.toml, ice: no such setting; there are auction_ladder, "),
        ('market_remainder = "x"', "f.toml, market_remainder: expected cancel or rests_unpriced or "),
        ('self_trade = "x"', "f.toml, self_trade: expected allow or cancel_newest or "),
        ("auction_ladder = []", "f.toml, auction_ladder: expected max_volume or "),
        ('tick_table = "rts11:7"', "f.toml, tick_table: expected rts11:1 or rts11:2 or "),
        ("max_order_qty = 0", "f.toml, max_order_qty: expected a whole number above 0, got 0"),
        ("collar_bp = -1", "f.toml, collar_bp: expected a whole number above 0, got -1"),
        ('price_band_bp = "10"', "f.toml, price_band_bp: expected a whole number above 0, got '10'"),
        ('max_order_value = "0.00"', "f.toml, max_order_value: expected an amount in euro as a text, got '0.00'"),
        ("max_order_value = 100", "f.toml, max_order_value: expected an amount in euro as a text, got 100"),
        ("market_collar = 1.5", "f.toml, market_collar: expected a price in euro as a text, got 1.5"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_key(text: str, fault: str) -> None:
    """And with what may stand there."""
    with pytest.raises(ConfigurationError) as caught:
        rules_in(text, file="f.toml")
    assert str(caught.value).startswith(fault)


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    """A name is never a path."""
    with pytest.raises(ConfigurationError, match=r"profile '\.\./athex': expected one of athex, crypto"):
        profile("../athex")


def test_a_setting_names_its_values() -> None:
    """As profiles write them."""
    assert values_of("market_remainder") == tuple(member.value for member in MarketRemainder)


@pytest.mark.parametrize(("text", "price"), [("10", 100_000), ("0.005", 50), ("12.3400", 123_400)])
def test_a_decimal_text_is_a_price(text: str, price: int) -> None:
    """Exactly, in 1/10 000 euro."""
    assert price_in(text) == price


@pytest.mark.parametrize("text", ["", "-1", "1.23456", "1e3", "ten", 10, None])
def test_anything_else_is_no_price(text: object) -> None:
    """No rounding, no guessing."""
    with pytest.raises(ValueError, match="expected a decimal text"):
        price_in(text)
