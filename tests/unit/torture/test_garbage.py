"""Garbage is of every sort, the same for the same seed, and nothing that could be believed."""

from collections import Counter
from pathlib import Path

import pytest
from recording import record_day

from stockex import journal
from stockex.adapters.settings import Settings
from stockex.core.exchange import Exchange
from stockex.messages.envelope import Entry
from stockex.messages.executions import Quarantined, Rejected
from stockex.messages.topics import Topic
from stockex.services.matcher import facts_of
from stockex.services.trust.sieve import Sieve
from stockex.services.trust.unfit import Unfit
from stockex.torture.garbage.making import Maker
from stockex.torture.garbage.trial import Outcome, told
from stockex.torture.garbage.writing import garbage, truth_of, write

COUNT = 700


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A log with one day in it."""
    return Settings(data=record_day(tmp_path))


def made(settings: Settings, seed: int = 5) -> list[Entry]:
    """Return the garbage of a seed."""
    return list(garbage(Maker(truth_of(settings), seed=seed), COUNT))


def test_a_seed_makes_the_same_garbage_again(settings: Settings) -> None:
    """So much for each topic; another seed makes another."""
    assert made(settings) == made(settings) != made(settings, seed=6)
    assert Counter(entry.topic for entry in made(settings)) == dict.fromkeys(Topic, COUNT)


def test_none_of_it_is_believed(settings: Settings) -> None:
    """Whoever reads the log after it counts every record of every topic; no command is more than refused."""
    write(settings, made(settings))
    sieve, exchange, caused = Sieve(tuple(Topic)), Exchange(), Counter[type]()
    day = journal.newest(settings, Topic.ORDERS, count=10_000)[-COUNT].offset
    for record in journal.merged(settings, dict.fromkeys(Topic, 0)):
        sieve.read(record)
        if record.topic is Topic.ORDERS:
            facts = facts_of(exchange, record)
            caused.update(type(fact) for fact in facts if record.offset >= day)
    counts = {topic: sum(of_topic.values()) for topic, of_topic in sieve.tally.counts.items()}
    assert counts == {topic: COUNT for topic in Topic if topic is not Topic.ORDERS}
    assert caused.keys() == {Quarantined, Rejected}
    assert caused.total() == COUNT


def test_every_reason_is_given_on_an_embedded_log(settings: Settings) -> None:
    """But that somebody else wrote it, whom it does not know."""
    write(settings, made(settings))
    sieve = Sieve(tuple(Topic))
    for record in journal.merged(settings, dict.fromkeys(Topic, 0)):
        sieve.read(record)
    assert {why for of_topic in sieve.tally.counts.values() for why in of_topic} == set(Unfit) - {Unfit.NOT_OURS}


def test_what_is_not_accounted_for_is_a_fault() -> None:
    """As is what is shown otherwise than it is."""
    outcome = Outcome(5)
    outcome.found.passed_over = {topic: Counter({"not_json": 5}) for topic in Topic}
    assert outcome.faults == []
    outcome.found.passed_over[Topic.BOOK]["not_json"] = 4
    outcome.shown = {"trades": {"not_json": 3}}
    assert told(outcome)[-2:] == [
        "trades: shown are {'not_json': 3}, and the log has {'not_json': 5}",
        "of 5 records on book, 4 are accounted for",
    ]
