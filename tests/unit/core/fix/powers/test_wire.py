"""What rules do to the wire of a session."""

from typing import Any

import pytest
from fix.notation import START, decoder
from unit.core.fix.powers.test_choosing import script

from stockex.core.fix.framing import SOH, Frame, Framer, Garbled, framed
from stockex.core.fix.message import head
from stockex.core.fix.powers.choosing import Chooser
from stockex.core.fix.powers.wire import Cut, Demand, Effect, Omit, Part, Wire, Write
from stockex.core.fix.times import nanos_of

MS = 1_000_000
BEAT = framed("35=0|34=2|49=V|52=20261125-10:00:00.000|56=C|".replace("|", SOH))
REPORT = framed("35=8|34=3|49=V|52=20261125-10:00:00.125|56=C|11=A|".replace("|", SOH))


def wire(*acts: dict[str, Any], **conditions: Any) -> Wire:  # noqa: ANN401 (a rule's fields, as a file has them)
    """Return a wire with a rule for each act, all under the same conditions."""
    chooser = Chooser(script(*({"act": act, **conditions} for act in acts)))
    return Wire(lambda: chooser)


def sent(*acts: dict[str, Any], frame: bytes = REPORT) -> list[Effect]:
    """Return what becomes of one frame."""
    return wire(*acts).sent(frame, START)


def read(effects: list[Effect]) -> list[Frame | Garbled]:
    """Return what the counterparty makes of the bytes."""
    data = b"".join(effect.data for effect in effects if isinstance(effect, Write))
    return list(Framer().feed(data + BEAT))[:-1]


def test_without_a_rule_nothing_is_touched() -> None:
    """The bytes leave as they are, at once: with an empty script, and with none."""
    assert Wire(lambda: None).sent(REPORT, START) == [Write(REPORT, START)]
    assert wire().sent(REPORT, START) == [Write(REPORT, START)]
    assert wire().heard("35=0\x01", START) == (True, [])


def test_a_swallowed_message_never_leaves() -> None:
    """Or was never heard."""
    assert sent({"do": "swallow"}) == []
    assert wire({"do": "swallow"}, way="in").heard("35=D\x0155=A\x01", START) == (False, [])
    assert wire({"do": "swallow"}, way="in", where={"55": "B"}).heard("35=D\x0155=A\x01", START) == (True, [])


def test_a_repeated_message_leaves_as_it_was() -> None:
    """Same number, no PossDup."""
    assert sent({"do": "repeat", "times": 2}) == [Write(REPORT, START)] * 3


def test_numbers_are_left_out_behind_a_message() -> None:
    """The session omits them; the message itself is sound."""
    assert sent({"do": "skip", "count": 3}) == [Write(REPORT, START), Omit(3)]


def test_a_bad_checksum_is_garbled() -> None:
    """By one, also past 255."""
    [found] = read(sent({"do": "bad_checksum"}))
    assert isinstance(found, Garbled)
    assert found.why == "CheckSum"
    texts = (f"35=0\x0158={chr(code)}{chr(code // 2)}\x01" for code in range(64, 256))
    frame = next(each for each in map(framed, texts) if each.endswith(b"10=255\x01"))
    [spoilt] = sent({"do": "bad_checksum"}, frame=frame)
    assert isinstance(spoilt, Write)
    assert spoilt.data.endswith(b"10=000\x01")


def test_a_bad_length_is_garbled() -> None:
    """One too long: it takes the next message with it."""
    [spoilt] = sent({"do": "bad_length"})
    assert isinstance(spoilt, Write)
    [found] = Framer().feed(spoilt.data + BEAT)
    assert found == Garbled("BodyLength or CheckSum", spoilt.data + BEAT)


@pytest.mark.parametrize(("seconds", "stamped"), [(300, "20261125-09:55:00.125"), (-60, "20261125-10:01:00.125")])
def test_a_stale_message_is_sound_but_for_its_time(seconds: int, stamped: str) -> None:
    """SendingTime lies back, with the decimals that it had; CheckSum fits."""
    [frame] = read(sent({"do": "stale", "seconds": seconds}))
    assert isinstance(frame, Frame)
    assert head(decoder().decode(frame), 52) == stamped
    assert abs(nanos_of(stamped) - nanos_of("20261125-10:00:00.125")) == abs(seconds) * 1_000 * MS


def test_a_shredded_message_comes_together_again() -> None:
    """Pieces with pauses; none is longer than was said."""
    effects = [each for each in sent({"do": "shred", "size": 8, "pause_ms": 5}) if isinstance(each, Write)]
    assert max(len(each.data) for each in effects) == 8
    assert [each.at - START for each in effects] == [at * 5 * MS for at in range(len(effects))]
    assert read(list(effects)) == list(Framer().feed(REPORT))


@pytest.mark.parametrize(("is_before", "left"), [(False, [Write(REPORT, START), Cut(START)]), (True, [Cut(START)])])
def test_a_line_breaks(is_before: bool, left: list[Effect]) -> None:  # noqa: FBT001 (a case)
    """Behind the message or before it; nothing follows."""
    broken = wire({"do": "drop", "is_before": is_before})
    assert broken.sent(REPORT, START) == left
    assert broken.sent(BEAT, START) == []
    assert wire({"do": "drop"}, way="in").heard("35=D\x01", START) == (True, [Cut(START)])


def test_the_session_is_made_to_act() -> None:
    """It asks for everything again, or logs out: on what leaves and on what comes."""
    acts = ({"do": "resend", "begin": 2}, {"do": "logout", "text": "bye"})
    assert sent(*acts) == [Write(REPORT, START), Demand(2), Part("bye")]
    assert wire(*acts, way="in").heard("35=D\x01", START) == (True, [Demand(2), Part("bye")])


def test_a_fixed_delay_keeps_the_order() -> None:
    """What follows does not overtake what waits."""
    slow = wire({"do": "delay", "ms": 100}, types=["8"])
    assert slow.sent(REPORT, START) == [Write(REPORT, START + 100 * MS)]
    assert slow.sent(BEAT, START + MS) == [Write(BEAT, START + 100 * MS)]
    assert slow.sent(BEAT, START + 200 * MS) == [Write(BEAT, START + 200 * MS)]


def delays(act: dict[str, Any], *, count: int = 1_000) -> list[int]:
    """Return how long each of many messages waits, a second apart, in milliseconds."""
    slow = wire({"do": "delay", **act})
    found = []
    for number in range(count):
        at = START + number * 1_000 * MS
        [effect] = slow.sent(REPORT, at)
        assert isinstance(effect, Write)
        found.append((effect.at - at) // MS)
    return found


def test_delays_are_normal() -> None:
    """Around their mean, with their deviation, never before the message."""
    found = delays({"kind": "normal", "ms": 100, "spread_ms": 20})
    mean = sum(found) / len(found)
    deviation = (sum((each - mean) ** 2 for each in found) / len(found)) ** 0.5
    assert 97 < mean < 103
    assert 18 < deviation < 22
    assert min(delays({"kind": "normal", "ms": 0, "spread_ms": 20})) == 0
    assert found == delays({"kind": "normal", "ms": 100, "spread_ms": 20})


def test_delays_have_spikes() -> None:
    """So many in a hundred, so much longer."""
    found = delays({"kind": "spikes", "ms": 10, "spread_ms": 300, "chance": 10})
    assert set(found) == {10, 310}
    assert 70 < found.count(310) < 130


def test_several_rules_meet_one_message() -> None:
    """All that they say holds: late, stale, twice, with a bad sum, and then the end."""
    acts = ({"do": "delay", "ms": 5}, {"do": "stale"}, {"do": "repeat"}, {"do": "bad_checksum"}, {"do": "drop"})
    first, second, cut = sent(*acts)
    assert first == second
    assert isinstance(first, Write)
    assert b"52=20261125-09:55:00.125" in first.data
    assert cut == Cut(START + 5 * MS)
    assert [type(each) for each in read([first])] == [Garbled]
