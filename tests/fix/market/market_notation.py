"""Scripts of the market over FIX: requests to a viewer, commands to the engine, facts to messages; see README.md."""

import re
from collections import deque

from fix.notation import Script, decoder
from fix.orders.order_notation import START

from stockex.core.exchange import Exchange
from stockex.core.fix.encode import encoded
from stockex.core.fix.framing import SOH, Frame, Framer, framed
from stockex.core.fix.market.seen import Told
from stockex.core.fix.market.viewer import TAKEN, Viewer
from stockex.core.fix.message import Fields, Message
from stockex.core.fix.times import stamp
from stockex.core.market_data.market import Market
from stockex.messages.codec import decode_command, encode
from stockex.messages.orders import AnyCommand, ChangeSession, Deposit, ListInstrument, NewOrder
from stockex.vocabulary.enums import SessionAction, Side
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Price, Shares


class Player:
    """Plays one script: two instruments at 10 euro, a viewer, a buyer and a seller."""

    def __init__(self) -> None:
        self.exchange, self.market, self.viewer = Exchange(), Market(), Viewer()
        self.at, self.offset, self.number = START, 0, 1
        self.sent: deque[Told] = deque()
        self.is_held = False
        self.traded = "-"
        euro = Price(UNITS_PER_EURO)
        for symbol, name in (("ALPHA", "Alpha Bank"), ("BETA", "Beta")):
            reference = Price(10 * euro)
            self.obey(
                ListInstrument(symbol=symbol, name=name, tick=Price(100), reference=reference, rules=MarketRules())
            )
            self.obey(Deposit(account="SELL", symbol=symbol, qty=Shares(1_000_000)))
        self.obey(Deposit(account="BUY", cash=Cash(10_000_000 * euro)))
        self.obey(ChangeSession(action=SessionAction.START, account="OPERATOR"))

    def play(self, script: Script) -> None:
        """Play all lines; every message must be stated."""
        for line in script.lines:
            verb, _, rest = line.partition(" ")
            if verb == ">":
                assert self.sent, f"nothing was sent, but {line}"
                self._check(self.sent.popleft(), rest)
                continue
            assert not self.sent, f"before {line}: {list(self.sent)}"
            match verb:
                case "<":
                    self._take(rest)
                case "buy" | "sell":
                    self._order(verb, rest)
                case "engine":
                    self.obey(decode_command(rest.replace("<TRADE>", self.traded).encode()))
                case "together":
                    self.is_held = True
                case "now":
                    self.is_held = False
                    self._look()
                case "down":
                    self.viewer.forget()
                case _:
                    raise AssertionError(line)
        assert not self.sent, list(self.sent)

    def obey(self, command: AnyCommand) -> None:
        """Let the engine obey a command, and the viewer see what it makes of the market."""
        for fact in self.exchange.apply(decode_command(encode(command)), offset=self.offset, at=self.at):
            self.market.apply(fact)
            self.viewer.note(fact)
            self.traded = getattr(fact, "trade_id", self.traded)
        self.offset += 1
        self._look()

    def _look(self) -> None:
        if not self.is_held:
            self.sent += self.viewer.told(self.market, at=self.at)

    def _take(self, rest: str) -> None:
        msg_type, _, body = rest.partition(" ")
        assert msg_type in TAKEN
        self.number += 1
        header = f"34={self.number}|49=CLIENT|52={stamp(self.at)}|56=STOCKEX|"
        message = _decoded(framed(f"35={msg_type}|{header}{body}|".replace("|", SOH).replace("~", " ")))
        assert self.viewer.ask(message)
        self._look()

    def _order(self, side: str, rest: str) -> None:
        *symbol, qty, _, price = rest.split()
        self.obey(
            NewOrder(
                account=side.upper(),
                cl_ord_id=f"O{self.offset}",
                symbol=symbol[0] if symbol else "ALPHA",
                side=Side(side.upper()),
                qty=Shares(int(qty)),
                limit=Price(round(float(price) * UNITS_PER_EURO)),
            )
        )

    def _check(self, told: Told, rest: str) -> None:
        report, header = told
        own: Fields = {34: "2", 49: "STOCKEX", 52: stamp(self.at), 56: "CLIENT", **header}
        message = _decoded(encoded(Message(report.msg_type, own, report.body)))
        msg_type, _, fields = rest.partition(";")
        wanted = dict(part.split("=", 1) for part in re.split(r", *", fields.strip()) if part)
        found = {tag: _shown(message.body.get(int(tag), message.header.get(int(tag), ""))) for tag in wanted}
        wanted = {tag: value.replace("<TRADE>", self.traded).replace("~", " ") for tag, value in wanted.items()}
        for tag, value in wanted.items():
            if value == "*":
                wanted[tag] = found[tag]
        got = f"{report.msg_type} {_shown((message.body,))}"
        assert (message.msg_type, found) == (msg_type, wanted), f"\n  want {rest}\n  got  {got}"


def _shown(value: str | tuple[Fields, ...]) -> str:
    """Return a value as scripts write it; times within groups are left out."""
    if isinstance(value, str):
        return value
    shown = [
        " ".join(f"{tag}={_shown(part)}" for tag, part in entry.items() if tag not in {272, 273}) for entry in value
    ]
    return "".join(f"({entry})" for entry in shown) or "()"


def _decoded(data: bytes) -> Message:
    (frame,) = Framer().feed(data)
    assert isinstance(frame, Frame), data
    message = decoder().decode(frame)
    assert isinstance(message, Message), (message, frame.text)
    return message
