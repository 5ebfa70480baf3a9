"""What a log is given before anybody can trade."""

from stockex.core.genesis import SOURCE, genesis, new_rules
from stockex.messages.orders import ListInstrument, SetRules
from stockex.vocabulary.instrument import SECURITIES
from stockex.vocabulary.market_rules import DEFAULT_RULES, MarketRules
from stockex.vocabulary.units import Shares

RULES = MarketRules(max_order_qty=Shares(5))


def test_instruments_are_listed_with_the_market_s_rules() -> None:
    """Those that are new."""
    commands = genesis(SECURITIES, accounts=(), symbols={"PEIR"}, rules=RULES)
    listed = {command.symbol: command.rules for command in commands if isinstance(command, ListInstrument)}
    assert listed == {each.symbol: RULES for each in SECURITIES if each.symbol != "PEIR"}


def test_what_is_listed_with_other_rules_gets_the_new_ones() -> None:
    """And what has them already is left alone."""
    known = {"ALPHA": DEFAULT_RULES, "PEIR": RULES, "NBG": MarketRules(max_order_qty=Shares(6))}
    assert new_rules(RULES, known=known) == [
        SetRules(symbol=symbol, rules=RULES, source=SOURCE) for symbol in ("ALPHA", "NBG")
    ]
