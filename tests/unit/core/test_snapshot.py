"""A stored exchange goes on as if it had never stopped."""

import msgspec
import pytest
from scenarios.runner import Play, Scenario, scenarios

from stockex.core.snapshot import VERSION, digest, dump, load

SCENARIOS = tuple(scenarios())


class Interrupted(Play):
    """A play whose exchange is stored and read back before every step."""

    def step(self, line: str) -> None:
        """Store, read back, go on."""
        self.exchange = load(dump(self.exchange))
        super().step(line)


def played(*lines: str) -> Play:
    """Return a play after these steps."""
    play = Play()
    for line in lines:
        play.step(line)
    return play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_holds_when_the_exchange_is_restored_at_every_step(scenario: Scenario) -> None:
    """Books, places, reservations, ids, session and last prices all survive."""
    play = Interrupted()
    for step in scenario.steps:
        play.step(step)
    assert play.facts


def test_the_bytes_are_canonical() -> None:
    """Reading and writing again changes no byte."""
    play = played("A deposit cash 9000", "A1 buy 5 @ 25.00 GTC", "B1 sell 2 @ 25.00", "C1 sell 9 @ 26.00", "suspend")
    data = dump(play.exchange)
    assert dump(load(data)) == data


def test_equal_states_have_equal_bytes_whatever_led_to_them() -> None:
    """In which order accounts and shares were first touched, and what came and went again, does not show."""
    deposits = ("A deposit cash 9", "B deposit cash 9", "A deposit shares 5 in ALPHA")
    detour = ("C1 buy 5 @ 25.00", "C1 cancel", "D1 sell 5 @ 25.00", "D1 cancel")
    plays = [played(*deposits, *detour), played(*detour, *deposits[::-1])]
    dumps = [msgspec.json.decode(dump(play.exchange)) for play in plays]
    assert dumps[0] == dumps[1]
    assert [list(state["balances"]) for state in dumps] == [["A", "B"]] * 2
    assert dump(plays[0].exchange) == dump(plays[1].exchange)


def test_a_restored_exchange_has_nothing_to_tell() -> None:
    """The levels that came back are no change: the next command tells only its own."""
    play = played("A1 buy 5 @ 24.00")
    play.exchange = load(dump(play.exchange))
    play.step("B1 buy 5 @ 25.00 => accepted, rested 5 @ 25.00, levels 25.00 x 5 (1) | none")


@pytest.mark.parametrize("line", ["A1 buy 5 @ 24.00", "A deposit cash 0.01", "suspend", "list B tick 0.01 reference 1"])
def test_the_digest_tells_states_apart(line: str) -> None:
    """Any change shows."""
    play = played()
    before = digest(play.exchange)
    play.step(line)
    assert digest(play.exchange) != before


def test_equal_states_have_equal_digests() -> None:
    """The same commands, the same sixty-four digits."""
    lines = ("A1 buy 5 @ 24.00", "B1 sell 3 @ 24.00")
    assert digest(played(*lines).exchange) == digest(played(*lines).exchange)
    assert len(digest(played().exchange)) == 64


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"version": VERSION + 1}, f"snapshot version {VERSION + 1}, expected {VERSION}"),
        ({"phase": "LUNCH"}, "LUNCH"),
        ({"orders": None}, "orders"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_no_state_is_refused(change: dict[str, object], text: str) -> None:
    """Another version or another layout is an error, for which the caller replays the log."""
    fields = {**msgspec.json.decode(dump(played().exchange)), **change}
    with pytest.raises(msgspec.MsgspecError, match=text):
        load(msgspec.json.encode(fields))


def test_bytes_that_are_cut_off_are_refused() -> None:
    """Half a state is none."""
    data = dump(played().exchange)
    with pytest.raises(msgspec.MsgspecError):
        load(data[: len(data) // 2])


def test_huge_balances_survive() -> None:
    """Whole numbers have no limit: a hundred of the largest trades between open accounts."""
    play = played()
    for number in range(100):
        play.step(f"A{number} sell 100000000 @ 1000000.00")
        play.step(f"B{number} buy 100000000 @ 1000000.00")
    assert load(dump(play.exchange)).desk.accounts.balance("A").cash == 100 * 10**18
