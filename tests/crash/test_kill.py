"""Kill -9 of the whole exchange under load: nothing acknowledged is lost, nothing is done twice."""

import pytest

from stockex.torture.kills.ordeal import Outcome, suffered

pytestmark = pytest.mark.crash

KILLS = 20
SEED = 19


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """An exchange killed 20 times while twelve accounts, the feeder and the members trade; some lives are worse."""
    return suffered(tmp_path_factory.mktemp("ordeal"), KILLS, seed=SEED)


def test_nothing_is_lost_doubled_or_otherwise_wrong(outcome: Outcome) -> None:
    """Every answer holds, every fact is that of a replay, the books balance, and all is shown again."""
    assert outcome.faults == []
    assert outcome.counts["kills"] == KILLS


def test_many_were_told_something_and_many_were_not(outcome: Outcome) -> None:
    """The ordeal is one: orders and fills were acknowledged, and items were on their way when the exchange died."""
    assert outcome.counts["orders acknowledged"] > 50 * KILLS
    assert outcome.counts["fills acknowledged"] > 5 * KILLS
    assert outcome.counts["items without an answer"] > KILLS


def test_it_was_frozen_starved_and_misled_too(outcome: Outcome) -> None:
    """The seed brings each of these, and a full disk refused orders."""
    assert min(outcome.counts[name] for name in ("frozen", "disk full", "misled by a jumping clock")) >= 1
    assert outcome.counts["refused for lack of space"] > 0


def test_it_was_ready_again_each_time(outcome: Outcome) -> None:
    """Every start led to an exchange that took orders; after how many seconds `stockex torture --kills` tells."""
    assert len(outcome.starts) == KILLS + 1
