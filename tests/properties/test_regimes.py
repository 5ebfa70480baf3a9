"""Properties of the feeder's prices, over any seed. Claims about `stockex.core.feeder`."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from unit.core.feeder.feeding import limits, security, ticks

from stockex.core.dice import Dice
from stockex.core.feeder.quotes import SPREAD_UNIT, STYLES, quotes
from stockex.core.feeder.regimes import LEAST_VOLATILITY, MOST_VOLATILITY, Walk, begun, next_weights, stepped
from stockex.messages.control import Listed
from stockex.vocabulary.enums import Regime, Side
from stockex.vocabulary.instrument import MORE_SECURITIES, SECURITIES, Instrument, tick_for
from stockex.vocabulary.units import Price

SEEDS = st.integers(0, 2**64)
PRICES = st.integers(1, 400).map(lambda ticks: Price(ticks * 50)) | st.sampled_from(
    [each.reference for each in (*SECURITIES, *MORE_SECURITIES)]
)


def path(start: int, *, seed: int, steps: int) -> list[Walk]:
    """Return a walk from `start` at every step."""
    dice = Dice(seed)
    walk = begun(Price(start), tick_for(Price(start)), dice=dice)
    walks = []
    for _ in range(steps):
        walk = stepped(walk, dice)
        walks.append(walk)
    return walks


def listing(price: Price) -> Listed:
    """Return a security at this price with the tick that belongs to it."""
    return security(price, tick=tick_for(price))


@given(seed=SEEDS, price=PRICES)
@settings(max_examples=40, deadline=None)
def test_equal_seeds_give_equal_days(seed: int, price: Price) -> None:
    """The same commands to the last unit."""
    assert ticks(listing(price), seed=seed, count=60) == ticks(listing(price), seed=seed, count=60)


@given(seed=SEEDS, price=PRICES)
@settings(max_examples=40, deadline=None)
def test_prices_are_positive_and_on_the_grid(seed: int, price: Price) -> None:
    """Of quotes and of orders that cross them."""
    listed = listing(price)
    for tick in ticks(listed, seed=seed, count=100):
        sent = [limit for side in Side for account in ("MDF", "MDT") for limit in limits(tick, side, account=account)]
        assert all(limit >= listed.tick and limit % listed.tick == 0 for limit in sent)


@given(seed=SEEDS, price=PRICES)
@settings(max_examples=40, deadline=None)
def test_quotes_never_cross(seed: int, price: Price) -> None:
    """Every bid is below every ask."""
    for tick in ticks(listing(price), seed=seed, count=100):
        assert max(limits(tick, Side.BUY)) < min(limits(tick, Side.SELL))


@given(seed=SEEDS, price=PRICES, regime=st.sampled_from(Regime))
@settings(max_examples=200, deadline=None)
def test_the_spread_is_bounded(seed: int, price: Price, regime: Regime) -> None:
    """It is the regime's share of the price or two ticks, whichever is more, and what the grid adds: two ticks."""
    dice = Dice(seed)
    listed = listing(price)
    walk = replace(begun(price, listed.tick, dice=dice), regime=regime)
    made = quotes(walk, listed, dice=dice)
    ask = min(quote.limit for quote in made if quote.side is Side.SELL)
    widest = max(STYLES[regime].spread[1] * walk.price // SPREAD_UNIT, 2 * listed.tick)
    assert ask - made[0].limit < widest + 2 * listed.tick


@given(seed=SEEDS, price=st.sampled_from([each.reference for each in SECURITIES]))
@settings(max_examples=15, deadline=None)
def test_mean_reversion_keeps_the_price_within_half_of_its_start(seed: int, price: Price) -> None:
    """Over 5,000 ticks, nearly three hours, no security loses or gains half of its price."""
    assert max(walk.deviation for walk in path(price, seed=seed, steps=5_000)) < 0.5


@given(seed=SEEDS, price=PRICES)
@settings(max_examples=20, deadline=None)
def test_volatility_stays_between_floor_and_cap(seed: int, price: Price) -> None:
    """As shares of the price, but for rounding."""
    for walk in path(price, seed=seed, steps=500):
        assert LEAST_VOLATILITY - 1e-9 <= walk.volatility / walk.fair <= MOST_VOLATILITY + 1e-9


@pytest.mark.parametrize("regime", Regime)
@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_cheap_securities_move_in_every_regime(regime: Regime, seed: int) -> None:
    """At 3.95 with ticks of 0.002, at least a fifth of 2,000 ticks change the quoted mid, at the least volatility too.

    The walk is held in its regime, and put back to its start when the regime would end.
    """
    dice, listed = Dice(seed), security(39_500)
    home = replace(
        begun(listed.reference, listed.tick, dice=dice), regime=regime, left=50, volatility=LEAST_VOLATILITY * 39_500
    )
    walk, mids = home, []
    for _ in range(2_000):
        walk = stepped(walk if walk.regime is regime and walk.left > 1 else home, dice)
        made = quotes(walk, listed, dice=dice)
        mids.append(made[0].limit + min(quote.limit for quote in made if quote.side is Side.SELL))
    assert sum(earlier != later for earlier, later in pairwise(mids)) >= 400


@pytest.mark.parametrize("instrument", SECURITIES, ids=lambda each: each.symbol)
def test_every_listed_security_moves(instrument: Instrument) -> None:
    """At its start price, at least a fifth of the ticks change the fair price's place on the grid."""
    places = [round(walk.fair / instrument.tick) for walk in path(instrument.reference, seed=5, steps=2_000)]
    assert sum(earlier != later for earlier, later in pairwise(places)) >= 400


def test_trends_go_where_their_names_say() -> None:
    """Over many steps of each trend the price rises, or falls, on the whole."""
    moves: defaultdict[Regime, float] = defaultdict(float)
    for earlier, later in pairwise(path(249_500, seed=6, steps=4_000)):
        moves[earlier.regime] += later.fair - earlier.fair
    assert moves[Regime.TRENDING_DOWN] < -50_000 < 50_000 < moves[Regime.TRENDING_UP]


def test_regimes_last_fifteen_to_fifty_steps() -> None:
    """Except that one may follow itself, and the leash may end one sooner."""
    lengths = [
        later.left for earlier, later in pairwise(path(249_500, seed=7, steps=4_000)) if later.left > earlier.left
    ]
    assert set(lengths) == set(range(15, 51))


def test_every_regime_has_its_time() -> None:
    """None takes less than a tenth or more than four tenths of a long day."""
    shares = Counter(walk.regime for walk in path(249_500, seed=8, steps=8_000))
    assert all(0.1 <= shares[regime] / 8_000 <= 0.4 for regime in Regime)


@pytest.mark.parametrize(("deviation", "chance"), [(0.0, 10), (0.08, 10), (0.1, 30), (0.15, 30), (0.2, 50)])
def test_far_from_the_start_mean_reversion_leads(deviation: float, chance: int) -> None:
    """The chances are the seed's, in percent, and sum to a hundred."""
    weights = next_weights(deviation)
    assert (weights[Regime.MEAN_REVERT], sum(weights.values())) == (chance, 100)


def test_beyond_the_leash_the_walk_turns_back_at_once() -> None:
    """Whatever regime it was in, however long that had to go, and whatever the dice say."""
    walk = begun(Price(100_000), Price(100), dice=Dice(9))
    stray = replace(walk, fair=140_000.0, regime=Regime.CALM, left=50)
    assert {stepped(stray, Dice(seed)).regime for seed in range(50)} == {Regime.MEAN_REVERT}


@pytest.mark.parametrize(("regime", "against"), [(Regime.TRENDING_UP, -900.0), (Regime.TRENDING_DOWN, 900.0)])
def test_a_trend_drops_momentum_that_points_against_it(regime: Regime, against: float) -> None:
    """What an earlier regime left behind does not hold it back."""
    walk = begun(Price(100_000), Price(100), dice=Dice(9))
    stray = replace(walk, regime=regime, left=50, momentum=against)
    assert stepped(stray, Dice(1)).momentum == 0.0


def test_wild_prices_do_not_get_wilder_for_ever() -> None:
    """A volatile step from far above the cap ends at the cap."""
    walk = begun(Price(100_000), Price(100), dice=Dice(9))
    stray = replace(walk, regime=Regime.VOLATILE, left=50, volatility=2 * MOST_VOLATILITY * 100_000)
    later = stepped(stray, Dice(1))
    assert later.volatility / later.fair == pytest.approx(MOST_VOLATILITY)


def test_a_price_never_falls_below_a_tick() -> None:
    """The floor of the seed, but of each security's own."""
    dice = Dice(10)
    walk = replace(begun(Price(50), Price(50), dice=dice), momentum=-1_000.0, regime=Regime.CALM)
    assert stepped(walk, dice).fair == 50.0
