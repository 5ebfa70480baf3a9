"""Garbage on every topic of Kafka, beside an exchange of five processes, stops none of them."""

from pathlib import Path

import pytest
from broker import Broker

from stockex.messages.topics import Topic
from stockex.torture.garbage.trial import Trial

pytestmark = pytest.mark.crash

EACH = 400


def test_garbage_on_every_topic_stops_nothing(tmp_path: Path, broker: Broker) -> None:
    """They trade on while it comes and after each was killed, and what a stranger writes among the facts is none."""
    outcome = Trial(tmp_path / "exchange", EACH, seed=3, bootstrap=broker.bootstrap).met()
    assert outcome.faults == []
    assert outcome.found.passed_over[Topic.TRADES]["not_ours"] > EACH // 10
