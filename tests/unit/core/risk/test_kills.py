"""Two kinds of switches that do not touch each other."""

from stockex.core.risk.kills import Kills


def test_an_account_is_stopped_by_its_own_switch_or_by_that_for_everybody() -> None:
    """Nobody else is stopped by an account's own."""
    kills = Kills()
    kills.turn("A", on=True)
    assert (kills.stops("A"), kills.stops("B")) == (True, False)
    kills.turn(None, on=True)
    assert (kills.stops("A"), kills.stops("B")) == (True, True)


def test_a_switch_is_asked_for_by_itself() -> None:
    """That everybody is stopped does not turn an account's own switch on, nor the other way round."""
    kills = Kills()
    kills.turn(None, on=True)
    assert (kills.has(None), kills.has("A")) == (True, False)
    kills.turn("A", on=True)
    kills.turn(None, on=False)
    assert (kills.has(None), kills.has("A")) == (False, True)
    kills.turn("A", on=False)
    assert not kills.stops("A")
