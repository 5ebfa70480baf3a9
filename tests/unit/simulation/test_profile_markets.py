"""The feeder's market under each profile, at its own times, without a clock: half an hour of one security."""

from collections import Counter, deque
from itertools import islice

import pytest
from msgspec.structs import replace

from stockex.adapters.profiles import profile, profile_names
from stockex.core.dice import Dice
from stockex.core.exchange import Exchange
from stockex.core.feeder.maker import Maker, Numbering
from stockex.core.genesis import genesis, opening
from stockex.core.market_data.indicators import indicators
from stockex.core.market_data.market import Market
from stockex.messages.control import Uncrossed
from stockex.messages.orders import AnyCommand, Deposit, NewOrder, PassTime
from stockex.vocabulary.enums import Phase, Side, TimeInForce
from stockex.vocabulary.instrument import SECURITIES
from stockex.vocabulary.units import UNITS_PER_EURO, Cash, Nanos, Price, Shares

TICKS, SECOND = 900, 1_000_000_000
LISTED = SECURITIES[0]


class Floor:
    """An exchange, the table of its market, and the feeder's maker of its one security."""

    def __init__(self, name: str) -> None:
        self.exchange, self.market = Exchange(), Market()
        self.told: Counter[str] = Counter()
        self.auctioned = 0
        self._offset = 0
        for command in (*genesis([LISTED], accounts=(), symbols=(), rules=profile(name)), opening()):
            self.say(command, 0)
        self._maker = Maker(self.market.instruments[LISTED.symbol], start=LISTED.reference, dice=Dice(7))
        self._mids: deque[float] = deque(maxlen=60)
        self._ids = Numbering(1)

    def say(self, command: AnyCommand, at: int) -> None:
        """Obey a command; the table follows, and the facts are counted."""
        for fact in self.exchange.apply(command, offset=self._offset, at=Nanos(at)):
            self.market.apply(fact)
            self.told[type(fact).__name__] += 1
            self.auctioned += fact.volume if isinstance(fact, Uncrossed) else 0
        self._offset += 1

    def tick(self, at: int) -> None:
        """Let time pass, then quote once."""
        if self.exchange.due is not None and self.exchange.due <= at:
            self.say(PassTime(), at)
        symbol, maker = LISTED.symbol, self._maker
        maker.renew(self.market.instruments[symbol], band=self.market.band(symbol))
        maker.step()
        self._mids.append(self.market.mark(symbol) / UNITS_PER_EURO)
        seen, phase = indicators(list(self._mids), maker.regime), self.market.phase(symbol)
        for command in maker.commands(seen, ids=self._ids, at=Nanos(at), phase=phase):
            self.say(command, at)


@pytest.mark.parametrize("name", profile_names())
def test_the_market_goes_on_and_the_feeder_is_never_refused(name: str) -> None:
    """It trades every few ticks, and an interruption, if there is one, is over when its time has come."""
    floor = Floor(name)
    for number in range(1, TICKS + 1):
        floor.tick(number * 2 * SECOND)
    assert floor.told["Rejected"] == 0
    assert floor.told["Traded"] > TICKS / 10
    assert floor.told["Interrupted"] <= 3


def test_an_interruption_has_an_auction_though_nobody_else_trades() -> None:
    """An order leaps and leaves nothing; what the feeder sends for the auction gives it a price; trading goes on."""
    floor = Floor("athex")
    ticks = (number * 2 * SECOND for number in range(1, TICKS))
    for at in islice(ticks, 60):
        floor.tick(at)
    far = Price(int(floor.market.mark(LISTED.symbol) * 1.05) // 100 * 100)
    for account, side, tif in (("CLIENT1", Side.SELL, TimeInForce.DAY), ("CLIENT2", Side.BUY, TimeInForce.IOC)):
        floor.say(Deposit(account=account, cash=Cash(10**10), symbol=LISTED.symbol, qty=Shares(10)), 120 * SECOND)
        order = NewOrder(account=account, cl_ord_id=account, symbol=LISTED.symbol, side=side, qty=Shares(10), tif=tif)
        qty = Shares(10 if side is Side.SELL else 10_000)
        floor.say(replace(order, qty=qty, limit=far), 120 * SECOND)
    assert floor.market.phase(LISTED.symbol) is Phase.VOLATILITY_CALL
    before = floor.told["Traded"]
    for at in islice(ticks, 120):
        floor.tick(at)
    assert floor.market.phase(LISTED.symbol) is Phase.CONTINUOUS
    assert (floor.told["Interrupted"], floor.told["Uncrossed"], floor.told["Rejected"]) == (1, 1, 0)
    assert floor.auctioned > 0
    assert floor.told["Traded"] > before + 10
