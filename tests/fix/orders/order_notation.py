"""Scripts of orders over FIX: messages to the desk, commands to the engine, facts to reports; see README.md."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from fix.notation import Script, decoder

from stockex.core.exchange import Exchange
from stockex.core.fix.copies.captures import Captures
from stockex.core.fix.copies.watcher import Watcher
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.message import Fields, Message, head
from stockex.core.fix.orders.desk import Desk
from stockex.core.fix.orders.desks import Desks
from stockex.core.fix.orders.entry import Party
from stockex.core.fix.orders.lists import LIST_TAKES
from stockex.core.fix.orders.reports import Report
from stockex.core.fix.orders.requests import taken
from stockex.core.fix.times import SECOND, nanos_of, stamp
from stockex.messages.codec import decode_command, encode
from stockex.messages.executions import AnyExecution
from stockex.messages.orders import AnyCommand, ChangeSession, Deposit, ListInstrument, NewOrder
from stockex.vocabulary.enums import SessionAction, Side
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Nanos, Price, Shares

START = Nanos(nanos_of("20261125-10:00:00"))
PARTY = Party("CLIENT", "FIX:CLIENT")
EXEC_TYPES = {
    "New": "0",
    "Canceled": "4",
    "Replaced": "5",
    "Rejected": "8",
    "Expired": "C",
    "Restated": "D",
    "Trade": "F",
    "Correct": "G",
    "Bust": "H",
    "Status": "I",
}
STATUSES = {
    "New": "0",
    "Partially filled": "1",
    "Filled": "2",
    "Canceled": "4",
    "Rejected": "8",
    "Pending new": "A",
    "Expired": "C",
}
QUANTITIES = ("38", "14", "151", "32")


def scripts(folder: Path) -> Iterator[Script]:
    """Yield every script of a folder."""
    for path in sorted(folder.glob("*.txt")):
        for part in re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, *lines = part.splitlines()
            yield Script(title, [line.strip() for line in lines if line.strip() and not line.startswith("#")])


class Market:
    """One instrument at 10 euro, a client with a desk, and others who trade with it."""

    def __init__(self, party: Party = PARTY, *, watched: frozenset[str] | None = frozenset()) -> None:
        self.exchange = Exchange()
        self.at = START
        self.offset = 0
        self.desk = Desk(party)
        self.watcher = Watcher(Party("WATCHER", "FIX:WATCHER"), watched)
        self.captures = Captures()
        self.takes = {**LIST_TAKES, **self.captures.takes}
        self.told = 0
        self.desks = Desks([self.desk] if watched == frozenset() else [self.desk, self.watcher])
        self.copies: deque[Report] = deque()
        self.sent: deque[Report] = deque()
        self.number = 1
        self.on_way: deque[AnyCommand] | None = None
        self.traded = "-"
        euro, rules = Price(UNITS_PER_EURO), MarketRules()
        self.obey(ListInstrument(symbol="ALPHA", tick=Price(100), reference=Price(10 * euro), rules=rules))
        for account in ("CLIENT", "OTHER"):
            self.obey(Deposit(account=account, cash=Cash(10_000_000 * euro)))
            self.obey(Deposit(account=account, symbol="ALPHA", qty=Shares(1_000_000)))
        self.obey(ChangeSession(action=SessionAction.START, account="OPERATOR"))

    def take(self, message: Message) -> None:
        """Let the client send a message."""
        found = taken(message, self.desk, at=self.at, takes=self.takes)
        self.sent += [*found.answers, *filter(None, found.more or ())]
        self.copies += [copy for answer in found.answers for _, copy in self.desks.copied(answer, self.desk)]
        for command in found.commands:
            if self.on_way is None:
                self.obey(command)
            else:
                self.on_way.append(command)

    def obey(self, command: AnyCommand) -> None:
        """Let the engine obey a command as the log would bring it, and the desks hear of it."""
        command = decode_command(encode(command))
        self.desks.note(command, offset=self.offset, is_known=True)
        for fact in self.exchange.apply(command, offset=self.offset, at=self.at):
            if isinstance(fact, AnyExecution):
                for desk, report in chain(self.desks.told(fact), self.captures.told(fact, offset=self.told)):
                    (self.sent if desk is self.desk else self.copies).append(report)
                self.told += 1
                self.traded = getattr(fact, "trade_id", self.traded)
        self.offset += 1


class Player:
    """Plays one script."""

    def __init__(self) -> None:
        self.market = Market()
        self.marks: dict[str, str] = {}

    def play(self, script: Script) -> None:
        """Play all lines; every report must be stated."""
        for line in script.lines:
            verb, _, rest = line.partition(" ")
            if verb == ">":
                assert self.market.sent, f"nothing was sent, but {line}"
                self._hold(self.market.sent.popleft(), rest)
                continue
            if verb == "=":
                assert self.market.copies, f"there was no copy, but {line}"
                self._hold(self.market.copies.popleft(), rest)
                continue
            left = [self._shown(report) for report in (*self.market.sent, *self.market.copies)]
            assert not left, f"before {line}: {left}"
            getattr(self, f"_{VERBS.get(verb, verb)}")(rest)
        left = [self._shown(report) for report in (*self.market.sent, *self.market.copies)]
        assert not left, left

    def _ask(self, rest: str) -> None:
        """Let the session that watches send a message."""
        msg_type, _, fields = rest.partition(" ")
        self.market.number += 1
        header = f"35={msg_type}|34={self.market.number}|49=WATCHER|52={stamp(self.market.at)}|56=STOCKEX|"
        message = _decoded(framed((header + re.sub(r"<NOW([+-]\d+)?>", self._time, fields) + "|").replace("|", SOH)))
        found = taken(message, self.market.watcher, at=self.market.at, takes=self.market.takes)
        self.market.copies += [*found.answers, *filter(None, found.more or ())]

    def _settings(self, rest: str) -> None:
        given = dict(word.split("=") for word in rest.split())
        self.market = Market(
            Party(
                "CLIENT",
                "FIX:CLIENT",
                ends_when_down=given.get("cancel_on_disconnect") == "yes",
                most_open=int(given.get("most_open", 0)) or None,
                most_quantity=int(given.get("most_quantity", 0)) or None,
            ),
            watched=None if given.get("drop_copy") == "all" else frozenset(filter(None, [given.get("drop_copy")])),
        )

    def _message(self, rest: str) -> None:
        """Take a message: type, what stands for fields, fields."""
        msg_type, *words = rest.split()
        body = {"55": "ALPHA"} if msg_type not in {"AF", "q"} else {}
        if msg_type not in {"AF", "H"}:
            body["60"] = stamp(self.market.at)
        head = ""
        if words and "=" not in words[0]:
            ids = words.pop(0).split(",")
            body |= dict(zip(("11", "41"), ids, strict=False))
        if words and words[0] in {"buy", "sell"}:
            body["54"] = "1" if words.pop(0) == "buy" else "2"
            if words and words[0].replace(".", "").isdigit():
                body["38"] = words.pop(0)
            if msg_type in {"D", "G"}:
                body["40"] = "1"
                if words and words[0] == "@":
                    body |= {"40": "2", "44": words[1]}
                    del words[:2]
        for word in words:
            tag, _, value = word.partition("=")
            value = re.sub(r"<NOW([+-]\d+)?>", self._time, value)
            if tag in {"97", "115"}:
                head += f"{tag}={value}|"
            elif value:
                body[tag] = value.replace("~", " ")
            else:
                body.pop(tag)
        fields = "".join(f"{tag}={body[tag]}|" for tag in sorted(body, key=int))
        self._take(msg_type, fields, head=head)

    def _text(self, rest: str) -> None:
        """Take a message of which the body is given as it stands."""
        msg_type, _, fields = rest.replace("<TRADE>", self.market.traded).partition(" ")
        self._take(msg_type, re.sub(r"<NOW([+-]\d+)?>", self._time, fields) + "|")

    def _take(self, msg_type: str, fields: str, *, head: str = "") -> None:
        self.market.number += 1
        header = f"34={self.market.number}|49=CLIENT|52={stamp(self.market.at)}|56=STOCKEX|{head}"
        self.market.take(_decoded(framed(f"35={msg_type}|{header}{fields}".replace("|", SOH))))

    def _time(self, match: re.Match[str]) -> str:
        return stamp(self.market.at + int(match[1] or 0) * SECOND)

    def _other(self, rest: str) -> None:
        """Let somebody else enter a limit order."""
        side, qty, _, price = rest.split()
        order = NewOrder(
            account="OTHER",
            cl_ord_id=f"O{self.market.offset}",
            symbol="ALPHA",
            side=Side(side.upper()),
            qty=Shares(int(qty)),
            limit=Price(round(float(price) * UNITS_PER_EURO)),
        )
        self.market.obey(order)

    def _engine(self, rest: str) -> None:
        """Let the engine obey any command, as JSON; `<TRADE>` is the last trade."""
        self.market.obey(decode_command(rest.replace("<TRADE>", self.market.traded).encode()))

    def _hold_back(self, _: str) -> None:
        """What the client sends is on its way until `obey`."""
        self.market.on_way = deque()

    def _obey(self, _: str) -> None:
        assert self.market.on_way is not None
        while self.market.on_way:
            self.market.obey(self.market.on_way.popleft())
        self.market.on_way = None

    def _wait(self, rest: str) -> None:
        self.market.at = Nanos(self.market.at + int(rest) * SECOND)

    def _hold(self, report: Report, rest: str) -> None:
        """Hold a report against what the script says of it."""
        self._check(_valid(report, self.market.at), rest)

    def _check(self, message: Message, rest: str) -> None:
        what, _, extra = rest.partition(";")
        wanted = dict(part.split("=", 1) for part in extra.replace(",", " ").split())
        wanted |= {"35": "8"} | self._stated(what.strip())
        found = {tag: message.text(int(tag)) or head(message, int(tag)) for tag in wanted} | {"35": message.msg_type}
        found |= {tag: shown(message.group(int(tag))) for tag, value in wanted.items() if value.startswith("(")}
        wanted = {tag: value.replace("<TRADE>", self.market.traded).replace("~", " ") for tag, value in wanted.items()}
        for tag, value in wanted.items():
            if value == "*":
                wanted[tag] = found[tag]
        assert found == wanted, f"{rest}: {message.msg_type} {dict(message.body)}"

    def _stated(self, what: str) -> dict[str, str]:
        """Return the fields that the columns of a matrix state."""
        first, _, rest = what.partition(":")
        if not rest:
            return {"35": first}
        ids = dict(zip(("11", "41"), [*first.split(","), ""][:2], strict=True))
        kind, *columns = [column.strip() for column in rest.split(",")]
        if kind == "Cancel reject":
            return ids | {"35": "9", "39": STATUSES[columns[0]]}
        status, *figures = columns
        stated = ids | {"150": EXEC_TYPES[kind], "39": STATUSES[status]}
        return stated | dict(zip(QUANTITIES, figures, strict=False))

    def _shown(self, report: Report) -> str:
        return f"{report.msg_type} {dict(report.body)}"


def shown(entries: Sequence[Fields]) -> str:
    """Return the entries of a group as scripts write it."""
    return "".join(f"({' '.join(f'{tag}={value}' for tag, value in entry.items())})" for entry in entries)


def _decoded(data: bytes) -> Message:
    (frame,) = Framer().feed(data)
    assert isinstance(frame, Frame), data
    message = decoder().decode(frame)
    assert isinstance(message, Message), (message, frame.text)
    return message


def _valid(report: Report, at: int) -> Message:
    """Return a report as the client reads it: it must keep to the dictionary."""
    header = {34: "2", 49: "STOCKEX", 52: stamp(at), 56: "CLIENT"}
    message = _decoded(encoded(Message(report.msg_type, {**header, **report.header}, report.body)))
    if message.msg_type == "8" and message.text(39) in {"0", "1", "2", "A"}:
        total = int(message.text(14)) + int(message.text(151))
        assert total == int(message.text(38)), f"OrderQty is not CumQty and LeavesQty: {report.body}"
    return message


VERBS = {"<": "message", "<<": "text", "hold": "hold_back"}
