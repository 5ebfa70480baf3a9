"""Whatever happens can be explained, and what is said follows the market as it was."""

import re
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from properties.exchange_commands import SETUP, at_of, commands, meant
from tidy.tree import ROOT

from stockex.core.exchange import Exchange
from stockex.core.snapshot import dump
from stockex.core.why.story import ECHOES, Witness, explained
from stockex.messages.clearing import Deposited
from stockex.messages.control import AnySignal
from stockex.messages.executions import AnyExecution
from stockex.messages.market_data import Indicative
from stockex.messages.orders import AnyCommand
from stockex.vocabulary.enums import Side

thorough = settings(max_examples=40, derandomize=True, deadline=None, database=None)
FOLLOWED: Final = (*AnyExecution.__args__, *AnySignal.__args__, *ECHOES, Indicative, Deposited)
"""The kinds of facts that the copy can follow: each order's, and each instrument's."""

RULES: Final = {
    number
    for page in (ROOT / "docs" / "rules").glob("*.md")
    for number in re.findall(r"^## ([A-Z]+-\d\d)\b", Path(page).read_text(encoding="utf-8"), re.MULTILINE)
}


@given(commands)
@thorough
def test_every_fact_is_explained_with_rules_that_exist(wanted: list[AnyCommand]) -> None:
    """At least one sentence for each fact but those that repeat others, each with a rule of the rule book."""
    exchange = Exchange()
    for offset, written in enumerate([*SETUP, *wanted]):
        command = meant(written, exchange)
        witness = Witness(exchange)
        facts = exchange.apply(command, offset=offset, at=at_of(offset))
        whys = witness.explained(command, facts)
        assert {why.index for why in whys} == {fact.index for fact in facts if not isinstance(fact, ECHOES)}
        assert all(why.rules and set(why.rules) <= RULES and why.text.endswith(".") for why in whys)


@given(commands)
@thorough
def test_what_is_followed_is_what_happened(wanted: list[AnyCommand]) -> None:
    """After the last fact the copy has the books of the exchange: the same orders in the same places."""
    exchange = Exchange()
    for offset, written in enumerate([*SETUP, *wanted]):
        command = meant(written, exchange)
        witness = Witness(exchange)
        facts = exchange.apply(command, offset=offset, at=at_of(offset))
        witness.explained(command, facts)
        if not all(isinstance(fact, FOLLOWED) for fact in facts):
            continue
        for symbol, listing in exchange.desk.listings.items():
            copy = witness._scene.listing(symbol)
            for side in Side:
                theirs = () if copy is None else copy.book.queue(side)
                assert [_seen(order) for order in theirs] == [_seen(order) for order in listing.book.queue(side)]


def _seen(order: object) -> tuple[object, ...]:
    return tuple(getattr(order, name) for name in ("order_id", "cl_ord_id", "limit", "leaves", "cum", "visible"))


@given(commands)
@settings(max_examples=15, derandomize=True, deadline=None, database=None)
def test_explaining_changes_nothing_and_says_the_same_twice(wanted: list[AnyCommand]) -> None:
    """The exchange before is as it was, and the words follow from it and from the facts alone."""
    exchange, twin = Exchange(), Exchange()
    for offset, written in enumerate([*SETUP, *wanted]):
        command = meant(written, exchange)
        before = dump(twin)
        facts = exchange.apply(command, offset=offset, at=at_of(offset))
        assert explained(twin, command, facts=facts) == explained(twin, command, facts=facts)
        assert dump(twin) == before
        twin.apply(command, offset=offset, at=at_of(offset))
