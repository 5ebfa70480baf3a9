"""Who leads follows from the records of the lease alone, the same for every reader."""

from collections.abc import Sequence
from random import Random

import msgspec

from stockex.bus.kafka.lease.terms import Beat, Claim, Release, Terms, Word, word_of


def after(words: Sequence[Word], *, begin: int = 0) -> Terms:
    """Return the terms after these records, read from `begin` on."""
    terms = Terms(begin)
    for offset, word in enumerate(words[begin:], start=begin):
        terms.take(offset, word)
    return terms


def leader(*words: Word) -> str:
    """Return who leads after these records."""
    return after(words).holder


def test_nobody_leads_an_empty_lease_and_the_first_claim_wins() -> None:
    """Two claims after the same record: the log's order decides."""
    assert leader() == ""
    assert leader(Claim("a", -1), Claim("b", -1)) == "a"


def test_a_sign_of_life_makes_a_claim_void() -> None:
    """Whoever had not read the newest beat has not seen silence."""
    words: list[Word] = [Claim("a", -1), Beat("a", 0, 1), Beat("a", 0, 2)]
    assert leader(*words, Claim("b", 1)) == "a"
    assert leader(*words, Claim("b", 2)) == "b"


def test_a_beat_of_a_former_leader_counts_for_nothing() -> None:
    """One that was frozen and goes on beating neither leads nor makes claims void."""
    words: list[Word] = [Claim("a", -1), Claim("b", 0), Beat("a", 0, 7), Beat("b", 1, 1)]
    assert leader(*words) == "b"
    assert leader(*words[:2], Beat("a", 0, 7), Claim("c", 1)) == "c"


def test_a_claim_by_force_wins_always() -> None:
    """It asks for nothing."""
    assert leader(Claim("a", -1), Beat("a", 0, 1), Claim("b", None)) == "b"


def test_a_release_lets_anybody_lead_and_only_the_leaders_own_does() -> None:
    """After it nobody leads, late beats of the one who left count for nothing, and the next claim wins."""
    words: list[Word] = [Claim("a", -1), Beat("a", 0, 1), Release("a", 0)]
    assert leader(*words, Beat("a", 0, 2)) == ""
    assert leader(*words, Claim("b", 2)) == "b"
    assert leader(Claim("a", -1), Claim("b", 0), Release("a", 0)) == "b"


def test_whoever_begins_later_learns_the_leader_from_a_beat() -> None:
    """The claim stands before what it reads; a beat names its term, and older terms do not come back."""
    words: list[Word] = [Claim("a", -1), Claim("b", 0), Beat("b", 1, 1), Beat("a", 0, 9), Beat("b", 1, 2)]
    assert after(words, begin=2).holder == "b"
    assert after(words, begin=3).holder == "b"


def test_all_readers_agree_from_the_first_sign_on_that_both_have_read() -> None:
    """Random words: whoever reads all and whoever begins in the middle name the same leader after a leader's beat."""
    for seed in range(500):
        dice = Random(seed)
        words: list[Word] = []
        for offset in range(40):
            now, who = after(words), dice.choice("abc")
            word: Word = Claim(who, dice.choice([offset - 1, offset - 2, None]))
            if now.holder and dice.random() < 0.6:
                word = Beat(now.holder, now.term, offset)
            words.append(word)
        now = after(words)
        words.append(Beat(now.holder or "a", now.term, 0))
        if now.holder:
            assert after(words, begin=dice.randrange(40)).holder == now.holder


def test_words_are_read_back_and_garbage_is_none() -> None:
    """What is written is read; anything else says nothing."""
    for word in (Claim("a", None), Claim("a", 3), Beat("a", 1, 2), Release("a", 1)):
        assert word_of(msgspec.json.encode(word)) == word
    assert [word_of(value) for value in (None, b"", b"\xff", b"{}", b'{"type":"beat"}')] == [None] * 5
