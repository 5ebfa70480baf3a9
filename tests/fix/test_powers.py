"""A gateway with bad manners, and our client over a real socket: what the rules say happens, and the session mends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fix.floor import floor
from unit.core.fix.powers.test_choosing import script

from stockex.adapters.clock import wall_clock
from stockex.adapters.settings import Settings
from stockex.bus.memory import MemoryBus
from stockex.core.fix.message import Message, head
from stockex.core.fix.powers.register import Powers
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.times import stamp
from stockex.errors import ConfigurationError
from stockex.fix_client.heard import Happening, Heard, Noise
from stockex.fix_client.inbox import Inbox
from stockex.fix_client.initiator import Initiator, Venue
from stockex.starting.plan import powers_of

REPORTS = {"types": ["8"], "times": 1}
ORDERS = {"way": "in", "types": ["D"], "times": 1}


class Bad:
    """A client at a gateway with rules, and all that it heard."""

    def __init__(self, client: Initiator, inbox: Inbox, powers: Powers) -> None:
        self.client, self.inbox, self.powers = client, inbox, powers
        self.heard: list[Happening] = []
        client.listen(self.heard.append)

    def order(self, name: str) -> None:
        """Send a limit order that rests."""
        body = {11: name, 21: "1", 38: "10", 40: "2", 44: "20", 54: "1", 55: "ALPHA", 59: "0", 60: stamp(wall_clock())}
        self.client.send("D", body)

    async def told(self, name: str) -> Message:
        """Wait for the report of an order."""
        return await self.inbox.next("8", tag11=name)

    def types(self) -> list[str]:
        """Return the types of all messages that came."""
        return [each.message.msg_type for each in self.heard if isinstance(each, Heard)]


@asynccontextmanager
async def badly(folder: Path, *rules: dict[str, Any]) -> AsyncIterator[Bad]:
    """Log CLIENT1 on at a gateway that has these rules for it."""
    powers = Powers({"CLIENT1": script(*rules)})
    async with floor(MemoryBus(wall_clock), folder, powers=powers) as port:
        client = Initiator(Venue("127.0.0.1", port), SessionSettings(sender="CLIENT1", target="FIX_SERVER"))
        with Inbox(client) as inbox:
            await client.connect()
            yield Bad(client, inbox, powers)
            await client.leave()


async def test_a_report_that_is_lost_comes_by_a_resend(tmp_path: Path) -> None:
    """The next one is too high, the client asks, and both come once."""
    async with badly(tmp_path, {"act": {"do": "swallow"}, **REPORTS}) as bad:
        bad.order("A")
        bad.order("B")
        assert head(await bad.told("A"), 43) == "Y"
        assert head(await bad.told("B"), 11) == ""
        assert bad.powers.met("CLIENT1") == (1,)


async def test_numbers_that_are_skipped_are_filled(tmp_path: Path) -> None:
    """The gap is asked for and filled; orders go on."""
    async with badly(tmp_path, {"act": {"do": "skip", "count": 3}, **REPORTS}) as bad:
        bad.order("A")
        await bad.told("A")
        bad.order("B")
        await bad.told("B")
        assert "4" in bad.types()


async def test_a_garbled_report_is_passed_over_and_comes_again(tmp_path: Path) -> None:
    """With a wrong CheckSum it is noise."""
    async with badly(tmp_path, {"act": {"do": "bad_checksum"}, **REPORTS}) as bad:
        bad.order("A")
        bad.order("B")
        assert head(await bad.told("A"), 43) == "Y"
        assert [each.why for each in bad.heard if isinstance(each, Noise)] == ["CheckSum"]


async def test_a_report_that_comes_twice_ends_the_session(tmp_path: Path) -> None:
    """The second one is too low without PossDup: our client logs out, and comes back."""
    async with badly(tmp_path, {"act": {"do": "repeat"}, **REPORTS}) as bad:
        bad.order("A")
        await bad.told("A")
        await bad.client.closed()
        await bad.client.connect()
        bad.order("B")
        await bad.told("B")


async def test_a_line_that_breaks_is_mended(tmp_path: Path) -> None:
    """Before a report: it is sent again after the next logon."""
    async with badly(tmp_path, {"act": {"do": "drop", "is_before": True}, **REPORTS}) as bad:
        bad.order("A")
        await bad.client.closed()
        await bad.client.connect()
        assert (await bad.told("A")).text(39) == "0"


async def test_an_order_that_never_arrives_is_asked_for(tmp_path: Path) -> None:
    """The gateway misses its number at the next message, and gets it again."""
    async with badly(tmp_path, {"act": {"do": "swallow"}, **ORDERS}) as bad:
        bad.order("A")
        bad.order("B")
        assert (await bad.told("A")).text(39) == "0"
        assert (await bad.told("B")).text(39) == "0"


async def test_the_client_is_asked_to_send_all_again(tmp_path: Path) -> None:
    """And the gateway takes nothing twice."""
    async with badly(tmp_path, {"act": {"do": "resend", "begin": 1}, **ORDERS}) as bad:
        bad.order("A")
        await bad.told("A")
        bad.order("B")
        await bad.told("B")
        assert bad.types().count("2") == 1
        assert bad.types().count("8") == 2


async def test_the_client_is_logged_out(tmp_path: Path) -> None:
    """With the rule's words."""
    async with badly(tmp_path, {"act": {"do": "logout", "text": "go away"}, **ORDERS}) as bad:
        bad.order("A")
        await bad.client.closed()
        [logout] = [each.message for each in bad.heard if isinstance(each, Heard) and each.message.msg_type == "5"]
        assert isinstance(logout, Message)
        assert logout.text(58) == "go away"


@pytest.mark.parametrize(
    ("msg_type", "body", "wanted"),
    [
        ("F", {41: "A", 11: "C", 54: "1", 55: "ALPHA", 38: "10"}, {11: "C", 41: "A", 39: "0", 434: "1", 102: "0"}),
        (
            "G",
            {41: "A", 11: "C", 54: "1", 55: "ALPHA", 38: "9", 40: "2", 44: "20", 21: "1"},
            {11: "C", 41: "A", 39: "0", 434: "2", 102: "0"},
        ),
    ],
)
async def test_a_request_is_refused_by_a_rule(
    tmp_path: Path, msg_type: str, body: dict[int, str], wanted: dict[int, str]
) -> None:
    """The order stands as it was, and the next request is obeyed."""
    act = {"do": "reject", "reason": 0, "text": "too late"}
    async with badly(tmp_path, {"act": act, "way": "in", "types": ["F", "G"], "times": 1}) as bad:
        bad.order("A")
        await bad.told("A")
        bad.client.send(msg_type, {**body, 60: stamp(wall_clock())})
        refusal = await bad.inbox.next("9")
        assert {tag: refusal.text(tag) for tag in wanted} == wanted
        bad.client.send("F", {41: "A", 11: "D", 54: "1", 55: "ALPHA", 38: "10", 60: stamp(wall_clock())})
        assert (await bad.told("D")).text(39) == "4"


async def test_an_order_is_rejected_by_a_rule(tmp_path: Path) -> None:
    """Every second one; the others reach the engine."""
    act = {"do": "reject", "reason": 99, "text": "by a rule"}
    async with badly(tmp_path, {"act": act, "way": "in", "types": ["D"], "every": 2}) as bad:
        states = []
        for name in "ABCD":
            bad.order(name)
            report = await bad.told(name)
            states.append((report.text(39), report.text(103)))
        assert states == [("0", ""), ("8", "99"), ("0", ""), ("8", "99")]


async def test_an_order_is_met_in_parts(tmp_path: Path) -> None:
    """Real trades with the venue's own account, at the order's limit: each in the book, each reported."""
    act = {"do": "fill", "percent": 70, "parts": 2}
    async with badly(tmp_path, {"act": act, **ORDERS}) as bad:
        bad.order("A")
        reports = [await bad.told("A") for _ in range(3)]
        assert [(each.text(150), each.text(14), each.text(151)) for each in reports] == [
            ("0", "0", "10"),
            ("F", "3", "7"),
            ("F", "7", "3"),
        ]
        bad.order("B")
        assert (await bad.told("B")).text(150) == "0"


@pytest.mark.parametrize(("percent", "ends"), [(100, "9"), (40, "8")])
async def test_a_cancel_races_with_a_fill(tmp_path: Path, percent: int, ends: str) -> None:
    """Pending, then the fill; of all of it the cancel comes too late, of a part it takes the rest."""
    act = {"do": "race", "percent": percent}
    async with badly(tmp_path, {"act": act, "way": "in", "types": ["F"]}) as bad:
        bad.order("A")
        await bad.told("A")
        bad.client.send("F", {41: "A", 11: "C", 54: "1", 55: "ALPHA", 38: "10", 60: stamp(wall_clock())})
        pending = await bad.told("C")
        assert (pending.text(39), pending.text(41), pending.text(151)) == ("6", "A", "10")
        filled = await bad.told("A")
        assert (filled.text(150), filled.text(14)) == ("F", str(percent // 10))
        answer = await bad.inbox.next(ends, tag11="C")
        assert (answer.text(39), answer.text(41)) == ("2" if ends == "9" else "4", "A")


async def test_a_trade_is_busted(tmp_path: Path) -> None:
    """As a fact of the exchange: the fill, and then its end."""
    rules = ({"act": {"do": "fill", "percent": 50}, **ORDERS}, {"act": {"do": "bust", "text": "oops"}, "types": ["8"]})
    async with badly(tmp_path, *rules) as bad:
        bad.order("A")
        told = [await bad.told("A") for _ in range(3)]
        assert [each.text(150) for each in told] == ["0", "F", "H"]
        assert (told[2].text(19), told[2].text(58), told[2].text(14)) == (told[1].text(17), "oops", "0")


async def test_what_waits_leaves_in_its_order(tmp_path: Path) -> None:
    """Late, in pieces, and stale: each as the rule says."""
    rules = (
        {"act": {"do": "delay", "ms": 30}, "types": ["8"]},
        {"act": {"do": "shred", "size": 7, "pause_ms": 1}, "types": ["8"]},
        {"act": {"do": "stale", "seconds": 60}, "types": ["8"]},
    )
    async with badly(tmp_path, *rules) as bad:
        for name in "ABC":
            bad.order(name)
        reports = [await bad.told(name) for name in "ABC"]
        assert [report.text(11) for report in reports] == ["A", "B", "C"]
        came = next(each for each in bad.heard if isinstance(each, Heard) and each.message.msg_type == "8")
        assert head(came.message, 52) < stamp(came.at - 50_000_000_000)


async def test_rules_change_while_the_session_is_up(tmp_path: Path) -> None:
    """From the next message on; another session has none of them."""
    async with badly(tmp_path) as bad:
        bad.order("A")
        await bad.told("A")
        bad.powers.set("CLIENT1", script({"act": {"do": "reject"}, "way": "in", "types": ["D"]}))
        bad.order("B")
        assert (await bad.told("B")).text(39) == "8"
        bad.powers.set("CLIENT1", script())
        bad.order("C")
        assert (await bad.told("C")).text(39) == "0"
        assert bad.powers.chooser("CLIENT2") is None
        await asyncio.sleep(0)


def test_rules_come_from_a_file(tmp_path: Path) -> None:
    """By CompID; what cannot be used is named with the file."""
    file = tmp_path / "rules.toml"
    file.write_text(
        '[CLIENT1]\nseed = 3\n[[CLIENT1.rules]]\nact = {do = "swallow"}\ntypes = ["8"]\nwhere = {55 = "A"}\n'
    )
    powers = powers_of(Settings(fix_rules=file))
    assert powers.script("CLIENT1") == script({"act": {"do": "swallow"}, "types": ["8"], "where": {"55": "A"}}, seed=3)
    file.write_text('[CLIENT1]\n[[CLIENT1.rules]]\nact = {do = "sing"}\n')
    with pytest.raises(ConfigurationError, match=r"rules.toml.*sing"):
        powers_of(Settings(fix_rules=file))
    assert powers_of(Settings()).chooser("CLIENT1") is None
