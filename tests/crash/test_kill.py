"""Kill -9 while trading: nothing acknowledged is lost, nothing is done twice."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from venue import Venue

from stockex.bus.sqlite import stored
from stockex.core.clearing.house import House
from stockex.messages.codec import decode_record
from stockex.messages.executions import Accepted, AnyExecution, Traded
from stockex.messages.topics import Topic
from stockex.simulation.replay import replay

pytestmark = pytest.mark.crash

KILLS = 20
SENDERS = ("CLIENT1", "CLIENT2")
ENVIRONMENT = {"STOCKEX_FEEDER_TICK_S": "0.5", "CH_AI_INTERVAL": "5"}


@dataclass
class Sender:
    """One client that trades as fast as it is answered, and writes down every answer."""

    venue: Venue
    user: str
    number: int = 0
    orders: list[str] = field(default_factory=list)
    trades: list[str] = field(default_factory=list)

    def trade(self, enough: threading.Barrier, *, answers: int) -> None:
        """Send orders until the exchange dies; meet the killer at the barrier after `answers` answers."""
        with self.venue.client(self.user) as client:
            for count in range(10**9):
                try:
                    self.send(client)
                except httpx.TransportError:
                    return
                if count == answers:
                    enough.wait()

    def send(self, client: httpx.Client) -> None:
        """Send one order: a resting buy far away, or one that trades at once."""
        self.number += 1
        cl_ord_id = f"{self.user}-{self.number}"
        order = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "cl_ord_id": cl_ord_id}
        terms = {"price": 18.0} if self.number % 2 else {"ord_type": "MARKET", "time_in_force": "IOC"}
        answer = client.post("/api/v1/orders", json=order | terms)
        assert answer.status_code in {201, 422}, answer.text
        if answer.status_code == 201:
            self.orders.append(cl_ord_id)
            self.trades += [fill["trade_id"] for fill in answer.json()["fills"]]


@dataclass
class Ordeal:
    """What is left after all kills."""

    data: Path
    senders: list[Sender]
    open_before: list[set[str]] = field(default_factory=list)
    open_after: list[set[str]] = field(default_factory=list)
    last_digest: str = ""

    def executions(self) -> Iterator[AnyExecution]:
        """Yield every fact about orders that the log holds."""
        for record in stored(self.data / "stockex.db", Topic.EXECUTIONS):
            fact = decode_record(record)
            assert isinstance(fact, AnyExecution)
            yield fact


def logged_open(data: Path, user: str) -> set[str]:
    """Return the open orders of `user` that a replay of the log on disk gives."""
    found = replay(lambda topic: stored(data / "stockex.db", topic))
    return {order.cl_ord_id for order in found.exchange.desk.open_orders() if order.account == user}


def shown_open(venue: Venue, user: str) -> set[str]:
    """Return the open orders of `user` that the exchange shows."""
    with venue.client(user) as client:
        return {order["cl_ord_id"] for order in client.get("/api/v1/orders?open=true&limit=500").json()}


def kill_while_trading(venue: Venue, senders: list[Sender], *, answers: int) -> None:
    """Let every sender get `answers` answers, then kill the exchange under the next ones."""
    enough = threading.Barrier(len(senders) + 1)
    threads = [threading.Thread(target=sender.trade, args=(enough,), kwargs={"answers": answers}) for sender in senders]
    for thread in threads:
        thread.start()
    enough.wait()
    venue.kill()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module")
def ordeal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    """An exchange killed 20 times at random moments while two clients, the feeder and the members trade."""
    chance = random.Random(20)
    venue = Venue(tmp_path_factory.mktemp("ordeal"), **ENVIRONMENT)
    senders = [Sender(venue, user) for user in SENDERS]
    result = Ordeal(venue.data, senders)
    with venue:
        for _ in range(KILLS):
            kill_while_trading(venue, senders, answers=chance.randrange(2, 40))
            result.open_before.append(logged_open(venue.data, SENDERS[0]))
            venue.start()
            result.open_after.append(shown_open(venue, SENDERS[0]))
        assert venue.stop() == 0
        result.last_digest = venue.output.split("state ")[-1].split()[0]
        yield result


def test_every_acknowledged_order_is_in_the_log_once(ordeal: Ordeal) -> None:
    """No order that a client was told of is missing, and none was taken twice."""
    accepted = Counter((fact.account, fact.cl_ord_id) for fact in ordeal.executions() if isinstance(fact, Accepted))
    told = [(sender.user, cl_ord_id) for sender in ordeal.senders for cl_ord_id in sender.orders]
    assert len(told) > KILLS
    assert {accepted[order] for order in told} == {1}
    assert set(accepted.values()) == {1}


def test_every_acknowledged_fill_is_in_the_log_once(ordeal: Ordeal) -> None:
    """No fill that a client was told of is missing, and none was booked twice."""
    traded = Counter(fact.trade_id for fact in ordeal.executions() if isinstance(fact, Traded))
    told = [trade_id for sender in ordeal.senders for trade_id in sender.trades]
    assert len(told) > KILLS
    assert set(told) <= traded.keys()
    assert set(traded.values()) == {1}


def test_the_same_orders_are_open_after_each_restart(ordeal: Ordeal) -> None:
    """What rested before the kill, by the log on disk, rests after the restart."""
    assert len(ordeal.open_after) == KILLS
    assert ordeal.open_before == ordeal.open_after


def test_the_whole_log_replays_to_the_facts_that_were_published(ordeal: Ordeal) -> None:
    """After twenty kills every command has its facts, byte for byte those of one uninterrupted replay."""
    found = replay(lambda topic: stored(ordeal.data / "stockex.db", topic))
    assert found.differs is None
    assert found.surplus == 0


def test_the_state_is_that_of_a_replay(ordeal: Ordeal) -> None:
    """The digest that the exchange printed when it stopped is that of a replay to the same offset."""
    offset = int(read_stop_offset(ordeal.data))
    found = replay(lambda topic: stored(ordeal.data / "stockex.db", topic), until=offset)
    assert found.digest == ordeal.last_digest


def test_cash_and_shares_are_conserved(ordeal: Ordeal) -> None:
    """After all kills the books of the clearing house balance to the unit."""
    house = House()
    for topic in (Topic.CONTROL, Topic.LEDGER, Topic.TRADES):
        for record in stored(ordeal.data / "stockex.db", topic):
            house.apply(decode_record(record))
    totals = house.totals()
    assert totals.cash == 0
    assert set(totals.shares.values()) == {0}


def read_stop_offset(data: Path) -> str:
    """Return the offset that the last "stopped" line names."""
    return (data / "output.txt").read_text().split("at offset ")[-1].split(",")[0].replace(",", "")
