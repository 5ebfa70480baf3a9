"""Orders over FIX, as scripts: the order state change matrices, and what else becomes of an order."""

import re
from pathlib import Path

import pytest
from fix.notation import Script
from fix.orders.order_notation import Player, scripts

SCRIPTS = list(scripts(Path(__file__).parent))


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
def test_the_client_is_told_what_the_script_says(script: Script) -> None:
    """Each report is stated, in its order: side, status, quantities, price and average."""
    Player().play(script)


def test_every_script_has_its_own_claim() -> None:
    """And at least forty are of the order state change matrices."""
    titles = [script.title for script in SCRIPTS]
    assert len(set(titles)) == len(titles)
    assert sum(re.match(r"[A-L]\.\d", title) is not None for title in titles) >= 40
