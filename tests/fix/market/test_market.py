"""The market over FIX, as scripts: what is traded, whether it trades, and at which prices."""

from pathlib import Path

import pytest
from fix.market.market_notation import Player
from fix.notation import Script
from fix.orders.order_notation import scripts

SCRIPTS = list(scripts(Path(__file__).parent))


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
def test_the_client_is_told_what_the_script_says(script: Script) -> None:
    """Each message is stated, in its order."""
    Player().play(script)
