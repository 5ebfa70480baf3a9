"""The facts that several shards have of one command, as one matcher would tell them.

shard 0   A expired, Stopped{ALPHA}              A expired, B expired, Stopped{ALPHA, BETA}, ...
shard 1   B expired, Stopped{BETA}      ──►      numbered from 0
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from stockex.messages.clearing import Deposited
from stockex.messages.codec import Fact
from stockex.messages.control import Killed, Released, Resumed, Started, Stopped, Suspended, TimePassed
from stockex.messages.executions import MassCancelled, Rejected
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Cash, Price

# What a command that concerns all symbols is answered with; a shard says at most one of these about it.
_Said = Deposited | Started | Stopped | Suspended | Resumed | TimePassed | Killed | Released | MassCancelled | Rejected


_HAS_NONE: Final = frozenset({RejectReason.UNKNOWN_ACCOUNT, RejectReason.NO_CALL})


class _Part(NamedTuple):
    """What one shard told: its answer, if it has one, and what stands before and after it."""

    before: Sequence[Fact]
    answer: _Said | None
    after: Sequence[Fact]


def collated(parts: Iterable[Sequence[Fact]]) -> list[Fact]:
    """Return the facts of a command that all shards obeyed, given those of each, shard 0 first.

    Everything that happened before the command, such as the end of a call, precedes the one answer. Refused it is only
    when every shard refused it.
    """
    split = [_split(facts) for facts in parts]
    answers = [part.answer for part in split if part.answer is not None]
    obeyed = [answer for answer in answers if not isinstance(answer, Rejected)]
    facts = [fact for part in split for fact in part.before]
    if obeyed:
        facts.append(_together(obeyed))
    elif len(answers) == len(split):
        facts.append(_refusal(answers))
    facts += [fact for part in split for fact in part.after]
    return [replace(fact, index=index) for index, fact in enumerate(facts)]


def places(parts: Sequence[Sequence[Fact]]) -> list[list[int]]:
    """Return where each fact of each part stands among those that `collated` returns; the answers stand at one place.

    What is told by nobody, as what a shard refused and another one obeyed, has the place -1.
    """
    split, told = [_split(facts) for facts in parts], collated(parts)
    begin = sum(len(part.before) for part in split)
    is_answered = len(told) > begin + sum(len(part.after) for part in split)
    answer = told[begin] if is_answered else None
    before, after = count(), count(begin + is_answered)
    return [
        [
            *islice(before, len(part.before)),
            *([] if part.answer is None else [begin if _is_part_of(part.answer, answer) else -1]),
            *islice(after, len(part.after)),
        ]
        for part in split
    ]


def _is_part_of(own: _Said, answer: Fact | None) -> bool:
    """Say whether a shard's answer is in the one that is told."""
    is_refusal = isinstance(own, Rejected)
    return type(own) is type(answer) and not (is_refusal and replace(own, index=0) != replace(answer, index=0))


def _split(facts: Sequence[Fact]) -> _Part:
    for place, fact in enumerate(facts):
        if isinstance(fact, _Said):
            return _Part(facts[:place], fact, facts[place + 1 :])
    return _Part(facts, None, ())


def _together(answers: Sequence[_Said]) -> _Said:
    """Return one answer for all: the prices of every symbol, the orders of every book, the cash of every part."""
    first = answers[0]
    match first:
        case Started():
            return replace(first, references=_joined(each.references for each in answers if isinstance(each, Started)))
        case Stopped():
            return replace(first, closes=_joined(each.closes for each in answers if isinstance(each, Stopped)))
        case Killed() | MassCancelled():
            return replace(first, count=sum(each.count for each in answers if isinstance(each, Killed | MassCancelled)))
        case Deposited():
            return replace(first, cash=Cash(sum(each.cash for each in answers if isinstance(each, Deposited))))
        case _:
            return first


def _joined(prices: Iterable[Mapping[str, Price]]) -> dict[str, Price]:
    return {symbol: price for of_shard in prices for symbol, price in of_shard.items()}


def _refusal(answers: Sequence[_Said]) -> _Said:
    """Return the first refusal, but not that of a shard without such an account or instrument, if another has one."""
    told = [each for each in answers if isinstance(each, Rejected) and each.reason not in _HAS_NONE]
    return (told or answers)[0]
