"""Both roles against each other over a link that garbles and breaks: nothing is lost, doubled or out of order."""

from collections import deque
from random import Random

import pytest
from fix.notation import OURS, START, THEIRS, decoder

from stockex.core.fix.session.acceptor import Acceptor, Connection
from stockex.core.fix.session.outputs import Deliver, Disconnect, Output, Send
from stockex.core.fix.session.session import Session
from stockex.core.fix.session.settings import SessionSettings
from stockex.core.fix.session.table import State
from stockex.core.fix.times import SECOND, stamp

SEEDS = 60
STEPS = 120


class Side:
    """One side: its session, its connection, what it sent and what its application got."""

    def __init__(self, settings: SessionSettings) -> None:
        self.session = Session(settings)
        self.acceptor = Acceptor([self.session], decoder())
        self.connection: Connection | None = None
        self.sent: list[str] = []
        self.got: list[str] = []
        self.wire: deque[bytes] = deque()
        self.is_cut = False

    def do(self, outputs: list[Output]) -> None:
        """Do what the session asks."""
        for output in outputs:
            match output:
                case Send(data):
                    self.wire.append(data)
                case Deliver(message):
                    self.got.append(message.text(11))
                case Disconnect():
                    self.is_cut = True
                case _:
                    pass


class World:
    """An initiator, an acceptor, the link between them and the time."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.at = START
        self.initiator = Side(SessionSettings(sender=THEIRS, target=OURS, heartbeat_s=10, piece=3, kept=5))
        self.acceptor = Side(SessionSettings(sender=OURS, target=THEIRS, piece=3, kept=5))
        self.noise = 0.0

    def sides(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """Return each side with its opposite."""
        return (self.initiator, self.acceptor), (self.acceptor, self.initiator)

    def join(self) -> None:
        """Connect anew."""
        self.acceptor.connection = Connection(self.acceptor.acceptor, self.at)
        self.initiator.connection = Connection(self.initiator.acceptor, self.at)
        self.initiator.do(self.initiator.connection.dial(self.initiator.session, self.at))

    def part(self) -> None:
        """Break the connection; what is under way is lost."""
        for side, _ in self.sides():
            if side.connection is not None:
                side.do(side.connection.closed(self.at))
            side.connection, side.is_cut = None, False
            side.wire.clear()

    def order(self, side: Side) -> None:
        """Let one side's application send."""
        name = f"{side.session.settings.sender}{len(side.sent)}"
        side.sent.append(name)
        body = {11: name, 21: "1", 40: "1", 54: "1", 55: "X", 60: stamp(self.at)}
        side.do(side.session.send("D", body, at=self.at))

    def carry(self) -> None:
        """Carry what is under way, some of it damaged; then let a second pass."""
        for side, other in self.sides():
            while side.wire and other.connection is not None:
                data = bytearray(side.wire.popleft())
                if self.dice.random() < self.noise:
                    data[self.dice.randrange(len(data))] ^= 1 + self.dice.randrange(255)
                other.do(list(other.connection.received(bytes(data), self.at)))
        self.at += SECOND
        for side, _ in self.sides():
            while side.connection is not None and (due := side.connection.due()) is not None and due <= self.at:
                side.do(side.connection.tick(self.at))
                if side.is_cut:
                    break
        if any(side.is_cut for side, _ in self.sides()):
            self.part()
        if self.initiator.connection is None and self.dice.random() < 1 / 2:
            self.join()

    def is_settled(self) -> bool:
        """Say whether each application has what the other one sent."""
        return all(side.got == other.sent for side, other in self.sides())


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_message_arrives_once_and_in_order(seed: int) -> None:
    """Whatever happened on the link, both applications get exactly what the other one sent."""
    world = World(seed)
    world.noise = (seed % 4) * 0.1
    for _ in range(STEPS):
        choice = world.dice.random()
        if choice < 1 / 2:
            world.order(world.dice.choice([world.initiator, world.acceptor]))
        elif choice < 0.53:
            world.part()
        else:
            world.carry()
    world.noise = 0.0
    for _ in range(400):
        world.carry()
        if world.is_settled():
            break
    assert world.initiator.sent
    assert world.acceptor.sent
    assert world.acceptor.got == world.initiator.sent
    assert world.initiator.got == world.acceptor.sent
    assert {side.session.state for side, _ in world.sides()} <= {State.ACTIVE, State.TEST_PENDING, State.DISCONNECTED}
