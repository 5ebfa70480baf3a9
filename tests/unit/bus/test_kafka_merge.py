"""Topics that are fetched one by one come in the one order of their appending."""

from collections.abc import Iterable, Mapping
from itertools import count
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from stockex.bus.kafka.merge import BATCH, Merge
from stockex.bus.kafka.stamp import GROUP, PLACE, PUBLIC, Group, Labels, Piece, Place, headers, piece
from stockex.messages.envelope import Record
from stockex.messages.topics import Topic
from stockex.vocabulary.units import Nanos

ORDERS, TRADES, BOOK = Topic.ORDERS, Topic.TRADES, Topic.BOOK
BOTH = {ORDERS: 0, TRADES: 0}


class Partitions:
    """Topics as Kafka would hold them: each group leaves a marker in every topic that it touches."""

    def __init__(self) -> None:
        self.pieces: dict[Topic, list[Piece]] = {topic: [] for topic in Topic}
        self.ends: dict[Topic, int] = dict.fromkeys(Topic, 0)
        self._number = count(1)

    def group(self, session: str, text: str, topics: Iterable[Topic], after: Mapping[Topic, int]) -> list[Piece]:
        """Return the pieces of a group, without offsets yet; their values are `text` and a letter."""
        topics = list(topics)
        counts = {topic: topics.count(topic) for topic in topics}
        header = msgspec.json.encode(Group(session, next(self._number), counts, after))
        made: list[Piece] = []
        for index, topic in enumerate(topics):
            in_topic = sum(other.record.topic is topic for other in made)
            made.append(Piece(Record(topic, -1, Nanos(0), "", f"{text}{index}".encode()), header, index, in_topic))
        return made

    def put(self, made: Iterable[Piece]) -> None:
        """Write these pieces at the ends of their topics."""
        for each in made:
            topic = each.record.topic
            self.pieces[topic].append(each._replace(record=replace(each.record, offset=self.ends[topic])))
            self.ends[topic] += 1

    def commit(self, text: str, *topics: Topic, session: str = "w") -> None:
        """Write a group that knows everything there is, and its markers."""
        self.put(self.group(session, text, topics, dict(self.ends)))
        for topic in set(topics):
            self.ends[topic] += 1

    def fetch(self, merge: Merge, topic: Topic, since: int = 0) -> None:
        """Give a topic's records from an offset on to a merge, and its end."""
        for each in self.pieces[topic]:
            if each.record.offset >= since:
                merge.add(each)
        merge.reached(topic, self.ends[topic])


def texts(records: Iterable[Record]) -> list[str]:
    """Return what the records hold."""
    return [record.value.decode() for record in records]


def test_topics_that_are_fetched_one_after_the_other_come_in_the_order_of_appending() -> None:
    """Nothing is given out before what was appended earlier to another topic has been fetched."""
    kafka, merge = Partitions(), Merge(BOTH)
    kafka.commit("a", TRADES)
    kafka.commit("b", ORDERS, TRADES, ORDERS)
    kafka.commit("c", ORDERS)
    kafka.fetch(merge, ORDERS)
    assert merge.take() == []
    kafka.fetch(merge, TRADES)
    assert texts(merge.take()) == ["a0", "b0", "b1", "b2", "c0"]
    assert merge.take() == []


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_fetching_gives_the_order_of_appending(seed: int) -> None:
    """However the fetches of three topics interleave, the records come as one writer appended them, groups whole."""
    chance, kafka, merge = Random(seed), Partitions(), Merge(BOTH | {BOOK: 0})
    expected: list[str] = []
    for number in range(60):
        topics = chance.choices((ORDERS, TRADES, BOOK), k=chance.randrange(1, 6))
        kafka.commit(f"{number}.", *topics)
        expected += [f"{number}.{index}" for index in range(len(topics))]
    waiting = {topic: list(kafka.pieces[topic]) for topic in (ORDERS, TRADES, BOOK)}
    taken: list[str] = []
    while any(waiting.values()):
        topic = chance.choice([topic for topic, pieces in waiting.items() if pieces])
        for _ in range(chance.randrange(1, 8)):
            if waiting[topic]:
                merge.add(waiting[topic].pop(0))
        taken += texts(merge.take())
    for topic in waiting:
        merge.reached(topic, kafka.ends[topic])
    assert taken + texts(merge.take()) == expected


def test_a_group_waits_for_its_last_record() -> None:
    """Half a group is not given out, though it stands at the head."""
    kafka, merge = Partitions(), Merge({ORDERS: 0})
    kafka.commit("a", ORDERS, ORDERS)
    first, second = kafka.pieces[ORDERS]
    merge.add(first)
    assert merge.take() == []
    merge.add(second)
    assert texts(merge.take()) == ["a0", "a1"]


def test_parts_in_topics_that_are_not_read_are_not_waited_for() -> None:
    """A reader of orders alone gets a group's orders without its trades."""
    kafka, merge = Partitions(), Merge({ORDERS: 0})
    kafka.commit("a", TRADES, ORDERS, BOOK)
    kafka.fetch(merge, ORDERS)
    assert texts(merge.take()) == ["a1"]


def test_what_stands_before_the_start_is_not_waited_for() -> None:
    """A reader that begins in the middle of a group gets the rest of it, once nothing more of it can come."""
    kafka = Partitions()
    kafka.commit("a", ORDERS, TRADES, ORDERS)
    since = {ORDERS: 1, TRADES: 1}
    merge = Merge(since)
    kafka.fetch(merge, ORDERS, 1)
    assert (merge.take(), merge.doubts()) == ([], {TRADES})
    merge.written(TRADES, 2)
    assert (merge.take(), merge.doubts()) == ([], set())
    merge.reached(TRADES, 2)
    assert texts(merge.take()) == ["a2"]


def test_a_part_that_comes_late_is_waited_for_though_the_reader_has_begun_behind_others() -> None:
    """A doubt is settled by what was written, not by what happens to be shown."""
    kafka = Partitions()
    kafka.commit("old", TRADES)
    late = kafka.group("x", "a", [ORDERS, TRADES], {})
    kafka.put(late)
    merge = Merge({ORDERS: 0, TRADES: 1})
    kafka.fetch(merge, ORDERS)
    assert merge.doubts() == {TRADES}
    merge.written(TRADES, 3)
    merge.reached(TRADES, 2)
    assert merge.take() == []
    kafka.fetch(merge, TRADES, 1)
    assert texts(merge.take()) == ["a0", "a1"]


def test_a_record_of_others_comes_by_itself() -> None:
    """A record without our headers waits for nothing but its own topic."""
    merge = Merge(BOTH)
    merge.add(Piece(Record(TRADES, 4, Nanos(0), "", b"foreign"), None))
    assert texts(merge.take()) == ["foreign"]


def test_groups_of_two_writers_that_interleave_come_in_one_batch() -> None:
    """Two groups that lie between one another in a topic come together, each topic in the order of its offsets."""
    kafka, merge = Partitions(), Merge(BOTH)
    a, b = kafka.group("x", "a", [ORDERS, ORDERS], {}), kafka.group("y", "b", [ORDERS, TRADES, ORDERS], {})
    kafka.put([a[0], b[0], a[1], b[1], b[2]])
    kafka.fetch(merge, ORDERS)
    assert merge.take() == []
    kafka.fetch(merge, TRADES)
    assert texts(merge.take()) == ["a0", "b0", "a1", "b1", "b2"]


def test_groups_that_are_before_one_another_come_in_one_batch() -> None:
    """Two writers that meet in two topics in opposite order do not stop a reader."""
    kafka, merge = Partitions(), Merge(BOTH)
    a, b = kafka.group("x", "a", [ORDERS, TRADES], {}), kafka.group("y", "b", [TRADES, ORDERS], {})
    kafka.put([a[0], b[1], b[0], a[1]])
    kafka.fetch(merge, ORDERS)
    kafka.fetch(merge, TRADES)
    batch = merge.take()
    assert sorted(texts(batch)) == ["a0", "a1", "b0", "b1"]
    assert [record.offset for record in batch if record.topic is ORDERS] == [0, 1]
    assert [record.offset for record in batch if record.topic is TRADES] == [0, 1]
    assert merge.take() == []


def test_what_somebody_wrote_after_reading_follows_what_he_read() -> None:
    """An answer never comes before its question, whoever wrote them and whatever is fetched first."""
    kafka, merge = Partitions(), Merge(BOTH)
    kafka.commit("question", ORDERS, session="x")
    kafka.commit("answer", TRADES, session="y")
    kafka.fetch(merge, TRADES)
    assert merge.take() == []
    kafka.fetch(merge, ORDERS)
    assert texts(merge.take()) == ["question0", "answer0"]


def test_records_below_the_start_are_dropped() -> None:
    """A broker that begins earlier than it was asked to changes nothing."""
    kafka, merge = Partitions(), Merge({ORDERS: 2})
    kafka.commit("a", ORDERS)
    kafka.commit("b", ORDERS)
    kafka.fetch(merge, ORDERS)
    assert texts(merge.take()) == ["b0"]


def test_a_batch_ends_at_the_first_group_that_fills_it() -> None:
    """Much to catch up comes in several batches."""
    kafka, merge = Partitions(), Merge({ORDERS: 0})
    for _ in range(3):
        kafka.commit("x", *[ORDERS] * (BATCH // 2 + 1))
    kafka.fetch(merge, ORDERS)
    assert [len(merge.take()) for _ in range(3)] == [BATCH + 2, BATCH // 2 + 1, 0]


def test_headers_give_a_record_its_group_place_and_time() -> None:
    """What the writer said of a record comes back, with the time in whole microseconds."""
    header = PUBLIC.header(Group("w", 7, {ORDERS: 2}, {TRADES: 9}))
    assert header == b'["w",7,{"orders":2},{"trades":9}]'
    given = headers(header, Place(1, 0, 1_700_000_000_000_001))
    found = piece(Record(ORDERS, 5, Nanos(0), "K", b"v"), given)
    assert found == Piece(Record(ORDERS, 5, Nanos(1_700_000_000_000_001_000), "K", b"v"), header, 1, 0)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {GROUP: b"[]"},
        {GROUP: b"[]", PLACE: b"[0,0,0]"},
        {GROUP: b'["w",1,{"orders":1},{}]', PLACE: b"\xff"},
        {GROUP: b'["w",1,{"orders":1,"nowhere":1},{}]', PLACE: b"[0,0,0]"},
    ],
    ids=["none", "half", "no group", "no place", "no topic"],
)
def test_headers_that_are_not_ours_count_as_none(given: dict[str, bytes]) -> None:
    """Whatever others put into headers of the same names, their record is a record, and not ours."""
    record = Record(ORDERS, 5, Nanos(3), "K", b"v")
    assert piece(record, given) == Piece(replace(record, is_ours=False), None)


def test_a_shard_and_all_others_read_the_same_headers_each_of_its_own_topics() -> None:
    """Trades of shard 0 are its trades; they are none of shard 1, and none of those that all see."""
    mine = Labels({TRADES: "shard0.trades"})
    header = mine.header(Group("w", 7, {ORDERS: 1, TRADES: 2}, {ORDERS: 3, TRADES: 4}))
    assert mine.group_of(header) == Group("w", 7, {ORDERS: 1, TRADES: 2}, {ORDERS: 3, TRADES: 4})
    for others in (PUBLIC, Labels({TRADES: "shard1.trades"})):
        assert others.group_of(header) == Group("w", 7, {ORDERS: 1}, {ORDERS: 3})
    public = PUBLIC.header(Group("w", 8, {TRADES: 2}, {ORDERS: 3}))
    assert mine.group_of(public) == Group("w", 8, {}, {ORDERS: 3})
