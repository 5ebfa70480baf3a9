"""Several matchers on one log: one is active; another takes over within two seconds; a revived one is fenced, stops."""

import json
import re
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from broker import Broker

from stockex.adapters.settings import Settings
from stockex.torture.fleet import Fleet, Process
from stockex.torture.trading import TRADERS, Trader, audited
from stockex.vocabulary.services import Service

pytestmark = pytest.mark.crash

TAKEOVERS = 3
WITHIN_S = 2.0
"""A takeover takes no longer; on a machine that does other things beside, one of three shows it."""

LIMIT_S = 30.0
_NUMBERS = count(1)


@pytest.fixture
def settings(broker: Broker, tmp_path: Path) -> Settings:
    """Return the settings of an exchange with topics of its own."""
    return Settings(data=tmp_path, kafka_bootstrap=broker.bootstrap, kafka_prefix=f"standby-{next(_NUMBERS)}-")


@pytest.fixture
def fleet(broker: Broker, settings: Settings, tmp_path: Path) -> Iterator[Fleet]:
    """Return processes of that exchange, none so far."""
    with Fleet(tmp_path, broker.bootstrap, prefix=settings.kafka_prefix) as it:
        yield it


def role(process: Process) -> str:
    """Return what a matcher says that it is."""
    status, body = process.ask("/healthz")
    return str(json.loads(body)["role"]) if status == 200 else "silent"


def taken_over(process: Process) -> float:
    """Wait until a standby is the active matcher; return after how many seconds."""
    began = time.monotonic()
    while role(process) != "active":
        assert time.monotonic() < began + LIMIT_S, process.said[-2_000:]
    return time.monotonic() - began


@pytest.mark.parametrize("is_frozen", [False, True], ids=["killed", "frozen"])
def test_a_standby_takes_over(settings: Settings, fleet: Fleet, *, is_frozen: bool) -> None:
    """Three times: the active matcher dies or freezes under load, the standby goes on; nothing lost or doubled."""
    active, dashboard = fleet.add(Service.MATCHER).ready(), fleet.add(Service.DASHBOARD).ready()
    feeder, times = fleet.add(Service.FEEDER).ready(), []
    traders = [Trader(dashboard, user) for user in TRADERS]
    for trader in traders:
        trader.start()
    for _ in range(TAKEOVERS):
        standby = fleet.add(Service.MATCHER).ready()
        traders[0].answered(5)
        assert (role(active), role(standby)) == ("active", "standby")
        active.signal(signal.SIGSTOP if is_frozen else signal.SIGKILL)
        times.append(taken_over(standby))
        traders[0].answered(5)
        if is_frozen:
            active.signal(signal.SIGCONT)
            assert active.ended() == 1
            assert re.search(rf"another process leads now: [^:]+:{standby.pid}:", active.said)
        assert role(standby) == "active"
        active = standby
    for trader in traders:
        trader.stop()
    assert (feeder.stop(), active.stop()) == (0, 0), active.said[-2_000:]
    assert min(times) < WITHIN_S, times
    audit = audited(settings, traders)
    assert audit.is_clean, audit
    assert audit.trades > 0
