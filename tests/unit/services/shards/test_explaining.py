"""Why facts came about is told by the shards that obeyed the command, once, by the places of the facts in the log."""

import pytest
from unit.services.shards.test_shards import JOURNAL, SHARDS, records

from stockex.core.exchange import Exchange
from stockex.core.shards.routing import Shard
from stockex.core.why.words import owner_and_id
from stockex.messages.envelope import Record
from stockex.messages.views import Why
from stockex.services.explainer import Explainer, moment_of
from stockex.services.shards.explaining import Explainers, whys_of
from stockex.services.shards.part import obeying, teller_at
from stockex.services.shards.together import Together


def explainer_of(shard: Shard) -> Explainer:
    """Return a shard's explainer after the whole journal."""
    exchange, obey = Exchange(), obeying(shard)
    for record in records(len(JOURNAL)):
        obey(exchange, record)
    return Explainer(lambda since: records(len(JOURNAL))[since:], lambda: exchange, obey=obey)


def told(offset: int) -> tuple[Why, ...]:
    """Return why the facts of a command of the journal came about."""
    moments = []
    for number in range(SHARDS):
        moment = moment_of(Exchange(), records(len(JOURNAL)), offset=offset, obey=obeying(Shard(number, SHARDS)))
        assert moment is not None
        moments.append(moment)
    return whys_of(moments)


@pytest.mark.parametrize("offset", range(len(JOURNAL)))
def test_what_is_explained_are_the_facts_that_are_published(offset: int) -> None:
    """Each sentence has the place and the mark of a fact of the command."""
    together = Together(SHARDS)
    facts = [together.facts_of(record) for record in records(offset + 1)][-1]
    assert told(offset)
    for why in told(offset):
        assert (why.offset, facts[why.index].offset) == (offset, offset)


def test_what_all_shards_say_alike_is_said_once() -> None:
    """Each was given half of EUR 10,000.01."""
    assert [why.text for why in told(2)] == [
        "A receives EUR 5,000.005 from outside.",
        "It is the first deposit of A: from now on its orders must be covered by what it has.",
    ]


async def test_explainers_of_all_shards_answer_together() -> None:
    """An order is explained by the shard of its symbol, whose trade it was."""
    whys = await Explainers([explainer_of(Shard(number, SHARDS)) for number in range(SHARDS)]).explained(
        12, owner_and_id
    )
    assert whys == told(12)
    assert JOURNAL[12].key == "BETA"


async def test_a_shard_that_has_no_part_in_a_command_is_not_asked() -> None:
    """It would have to replay its own part of the journal, to say nothing."""
    of_first = next(record for record in records(len(JOURNAL)) if teller_at(record, SHARDS) == 0)

    def recorded(since: int) -> list[Record]:
        pytest.fail(f"the second shard was asked for what came from {since} on")

    asked, spared = explainer_of(Shard(0, SHARDS)), Explainer(recorded, Exchange)
    whys = await Explainers([asked, spared]).explained(of_first.offset, owner_and_id)
    assert whys == told(of_first.offset)
