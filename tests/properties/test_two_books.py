"""The exchange on two books gives the facts and the digest of the plain one, whatever it is asked."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace
from properties.exchange_commands import SETUP, at_of, meant, script

from stockex.adapters.profiles import profile, profile_names
from stockex.core.exchange import Exchange
from stockex.core.fast.exchange import FastExchange
from stockex.core.snapshot import digest
from stockex.messages.codec import encode
from stockex.messages.orders import AnyCommand, ListInstrument
from stockex.simulation.authors.common_command import common_script
from stockex.simulation.differential import Played, played, summary
from stockex.vocabulary.market_rules import MarketRemainder


def shares_of(wanted: Iterable[AnyCommand], *, setup: Iterable[AnyCommand] = SETUP) -> tuple[int, int]:
    """Give both exchanges each command and hold their facts against each other; return how many ran on each book."""
    plain, fast = Exchange(), FastExchange()
    for offset, written in enumerate([*setup, *wanted]):
        command = meant(written, plain)
        expected, found = (one.apply(command, offset=offset, at=at_of(offset)) for one in (plain, fast))
        assert [encode(fact) for fact in found] == [encode(fact) for fact in expected], command
        assert found == expected
    routes = fast.routes()
    assert digest(fast.whole()) == digest(plain)
    return sum(route.compiled for route in routes), sum(route.plain for route in routes)


@pytest.fixture(scope="module")
def plays() -> list[Played]:
    """Two scripts of each sort, on the wire and in batches; `stockex differential` plays more of them."""
    return [played(seed, 400) for seed in range(20)]


@pytest.mark.parametrize("seed", range(20))
def test_lines_of_all_sorts_are_answered_alike(plays: list[Played], seed: int) -> None:
    """Equal bytes after each batch, and equal digests now and then."""
    assert plays[seed].differs is None
    assert plays[seed].commands == 400


def test_what_was_compared_is_all_there_is(plays: list[Played]) -> None:
    """Every order type and most else comes up in so few scripts, and the compiled book has its share of each sort."""
    found = summary(plays)
    assert found["commands"] == 8_000
    assert sum(play.compiled for play in plays) > 2_400
    for what, least in (("order_types", 9), ("commands", 17), ("facts", 30), ("refusals", 45), ("order_terms", 10)):
        counts = found[f"{what}_seen"]
        assert isinstance(counts, dict)
        assert sum(count > 0 for count in counts.values()) >= least, what


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_asked_both_answer_alike(seed: int) -> None:
    """All types, phases, settings and hostile values: equal bytes after each command, equal digests at the end."""
    shares_of(script(seed, 400))


@pytest.mark.parametrize("seed", range(4))
def test_common_commands_run_on_the_compiled_book(seed: int) -> None:
    """Nothing but common commands: most run there, though a market that left its ranges waits in a call for its end."""
    compiled, plain = shares_of(common_script(seed, 1_000))
    assert compiled > plain


@pytest.mark.parametrize("name", profile_names())
def test_under_every_profile_common_commands_run_on_the_compiled_book(name: str) -> None:
    """Its ticks, limits and ranges keep nothing away, as long as prices stay near each other; some market orders do."""
    rules = profile(name)
    lines = [command for command in common_script(1, 600, is_near=True) if not isinstance(command, ListInstrument)]
    setup = [replace(one, rules=rules) if isinstance(one, ListInstrument) else one for one in SETUP]
    compiled, plain = shares_of(lines, setup=setup)
    assert compiled > (40 if rules.market_remainder is MarketRemainder.CANCEL else 4) * plain


@pytest.mark.parametrize("seed", range(104, 108))
@pytest.mark.parametrize("rare", [10, 40])
def test_a_rare_command_now_and_then_moves_books(seed: int, rare: int) -> None:
    """One command in ten or forty may be anything: orders move between the books all the time."""
    compiled, plain = shares_of(common_script(seed, 1_000, rare=rare))
    assert min(compiled, plain) > 25
