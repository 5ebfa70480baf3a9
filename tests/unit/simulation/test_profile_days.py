"""A day under each profile: listed, opened with an auction, traded, interrupted where there are ranges, closed."""

import json
from collections.abc import Iterator

import pytest

from stockex.adapters.profiles import profile, profile_names
from stockex.simulation.ndjson import matched
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.ranges import corridors
from stockex.vocabulary.tick_tables import Grid
from stockex.vocabulary.units import Price, euro_text

SYMBOL = "ALPHA"
LISTED = f'{{"type":"instrument","symbol":"{SYMBOL}","tick":0.01,"reference":10.00}}'
CENT, TEN = 100, Price(100_000)
RANGED = ["athex", "euronext", "lse", "nasdaq", "tsx", "xetra"]


class Day:
    """One instrument under a profile; `facts` are those of the newest command."""

    def __init__(self, name: str) -> None:
        self.rules: MarketRules = profile(name)
        self._lines: list[str] = []
        self._facts = self._run()
        self.facts: list[dict[str, object]] = []
        self.say(LISTED)

    def _run(self) -> Iterator[bytes]:
        return matched((line.encode() for line in self._next()), rules=self.rules)

    def _next(self) -> Iterator[str]:
        while True:
            yield self._lines.pop()

    def say(self, line: str) -> None:
        """Obey one command."""
        self._lines.append(line)
        self.facts = [json.loads(fact) for fact in next(self._facts).splitlines()]

    def phase(self, to: str) -> None:
        """Lead the instrument on."""
        self.say(json.dumps({"type": "phase", "to": to, "symbol": SYMBOL}))

    def order(self, account: str, side: str, *, price: int, qty: int = 10) -> None:
        """Send a limit order; the price is in 1/10 000 euro."""
        made = {"type": "new", "account": account, "cl_ord_id": f"{account}{side}{price}", "symbol": SYMBOL}
        self.say(json.dumps(made | {"side": side, "quantity": qty, "price": float(euro_text(Price(price)))}))

    def told(self, kind: str, field: str) -> list[object]:
        """Return one field of all facts and signals of a kind that the newest command caused."""
        return [fact[field] for fact in self.facts if fact.get("type", fact.get("action")) == kind]

    def open(self) -> None:
        """Open with an auction at 10.00, and leave a bid at 9.90 and an offer at 10.10."""
        self.phase("pre_open")
        self.phase("opening_call")
        for account, side, price in (("ann", "BUY", TEN), ("bob", "SELL", TEN), ("cat", "BUY", 99_000)):
            self.order(account, side, price=price)
        self.order("dan", "SELL", price=101_000)
        self.phase("uncross")


@pytest.mark.parametrize("name", profile_names())
def test_it_opens_with_an_auction(name: str) -> None:
    """Ten shares trade at 10.00; then orders trade continuously."""
    day = Day(name)
    day.open()
    assert day.told("uncross", "price") == [10.0]
    assert day.told("trade", "quantity") == [10]
    assert day.told("phase", "phase") == ["CONTINUOUS"]


@pytest.mark.parametrize("name", profile_names())
def test_it_trades(name: str) -> None:
    """An order takes the offer; its price is the offer's."""
    day = Day(name)
    day.open()
    day.order("ann", "BUY", price=101_500)
    assert day.told("trade", "price") == [10.1]


@pytest.mark.parametrize("name", profile_names())
def test_prices_stand_on_its_grid(name: str) -> None:
    """Half a tick is refused, a tick is not."""
    day = Day(name)
    tick = Grid(CENT, day.rules.tick_table).tick_at(TEN)
    day.order("ann", "BUY", price=TEN + tick // 2)
    assert day.told("rejected", "reason") == ["OFF_TICK"]
    day.order("ann", "BUY", price=TEN + tick)
    assert day.told("rejected", "reason") == []


@pytest.mark.parametrize("name", RANGED)
def test_it_interrupts_a_leap_and_goes_on_by_itself(name: str) -> None:
    """The offer beyond the narrower range does not trade: a call finds the price, and ends when its time has come."""
    day = Day(name)
    day.open()
    ranges = corridors(day.rules, last=TEN, auction=TEN, reference=TEN)
    beyond = min(each.range.high for each in ranges) + CENT
    day.say(f'{{"type":"cancel","account":"dan","orig_cl_ord_id":"danSELL101000","symbol":"{SYMBOL}"}}')
    day.order("dan", "SELL", price=beyond)
    day.order("ann", "BUY", price=beyond)
    assert day.told("interrupt", "price") == [beyond / 10_000]
    assert day.told("phase", "phase") == ["VOLATILITY_CALL"]
    assert day.told("trade", "price") == []
    assert day.rules.interruption_s is not None
    longest = day.rules.interruption_s + (day.rules.interruption_random_s or 0)
    day.say(f'{{"type":"time","timestamp":{longest}.0}}')
    assert day.told("trade", "price") == [beyond / 10_000]
    assert day.told("phase", "phase") == ["CONTINUOUS"]


def test_a_market_without_ranges_trades_wherever_its_book_leads() -> None:
    """Crypto: the offer far away trades; only a limit too far below the last price is refused."""
    day = Day("crypto")
    day.order("dan", "SELL", price=3 * TEN)
    day.order("ann", "BUY", price=3 * TEN)
    assert day.told("trade", "price") == [30.0]
    day.order("dan", "SELL", price=2 * TEN)
    assert day.told("rejected", "reason") == ["FAT_FINGER_PRICE"]


@pytest.mark.parametrize("name", profile_names())
def test_it_closes(name: str) -> None:
    """With an auction; trading at the closing price follows where the market has it; the day's end is the end."""
    day = Day(name)
    day.open()
    day.phase("closing_call")
    day.order("eve", "BUY", price=101_000)
    day.phase("uncross")
    assert day.told("uncross", "price") == [10.1]
    after = "TRADING_AT_LAST" if day.rules.trading_at_last else "CLOSED"
    assert day.told("phase", "phase") == [after]
    day.say('{"type":"session","account":"operator","action":"end"}')
    assert day.told("stop", "closes") == [{SYMBOL: 10.1}]


def test_what_follows_the_close_differs() -> None:
    """The European venues and Toronto trade at the close."""
    assert [name for name in profile_names() if profile(name).trading_at_last] == [
        "athex",
        "euronext",
        "lse",
        "tsx",
        "xetra",
    ]


def test_all_but_one_market_have_ranges() -> None:
    """Those that are tested above."""
    assert [name for name in profile_names() if profile(name).dynamic_range_bp] == RANGED


@pytest.mark.parametrize("name", RANGED)
def test_what_ends_an_interruption_is_wider_than_what_begins_it(name: str) -> None:
    """Else each call that the wider of both ranges began would be extended."""
    rules = profile(name)
    widest = max(bp for bp in (rules.static_range_bp, rules.dynamic_range_bp) if bp is not None)
    assert rules.extended_range_bp is None or rules.extended_range_bp > widest
