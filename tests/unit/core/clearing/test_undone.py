"""Trades that are busted or corrected after they were booked (CLR-10, CLR-11)."""

from unit.core.clearing.clearing_facts import busted, corrected, deposited, listed, started, stopped, trade

from stockex.core.clearing.house import House
from stockex.core.clearing.ledger import HOUSE, Balance, Leg, reversed_legs
from stockex.core.clearing.positions import Day, Position, Standing
from stockex.core.clearing.valuation import NOTHING_RESERVED
from stockex.messages.codec import Message
from stockex.messages.views import Daily
from stockex.vocabulary.units import TRADES_REMEMBERED, Cash, Shares

OPENING: tuple[Message, ...] = (
    listed(0, reference=1_000),
    deposited(1, "USR01", cash=100_000),
    deposited(2, "MDF", cash=1_000_000, symbol="NBG", qty=500),
    started(3, NBG=1_000),
)
BOUGHT = trade(5, "USR01<MDF", qty=30, price=1_200)
SOLD = trade(6, "MDF<USR01", qty=30, price=1_500)


def house_after(*facts: Message) -> House:
    """Return a house that has seen the deposits, the start of the day and these facts; its books balance."""
    house = House()
    for fact in (*OPENING, *facts):
        house.apply(fact)
    house.totals()
    return house


def standing_of(house: House, account: str = "USR01") -> Standing:
    """Return what the house has booked for the account."""
    return house._state.standings[account]


def test_CLR_10_a_bust_turns_both_legs_round() -> None:
    """The buyer is paid back what the shares cost, the seller has the shares."""
    assert reversed_legs(busted(9, BOUGHT)) == (
        Leg("USR01", Cash(36_000), "NBG", Shares(-30)),
        Leg("MDF", Cash(-36_000), "NBG", Shares(30)),
    )


def test_CLR_10_a_correction_moves_the_difference() -> None:
    """Of thirty at 1,200 ten at 1,100 are left: twenty shares go back, and 36,000 less 11,000."""
    assert reversed_legs(corrected(9, BOUGHT, qty=10, price=1_100)) == (
        Leg("USR01", Cash(25_000), "NBG", Shares(-20)),
        Leg("MDF", Cash(-25_000), "NBG", Shares(20)),
    )


def test_CLR_10_after_a_bust_all_is_as_before() -> None:
    """Cash, shares, basis, profit and the day's counters; the house is flat."""
    house, before = house_after(BOUGHT, busted(9, BOUGHT)), house_after()
    for account in ("USR01", "MDF"):
        assert standing_of(house, account).positions == before._state.standings[account].positions
        assert standing_of(house, account).realised == 0
        assert standing_of(house, account).day.traded == 0
        assert house.cash(account) == before.cash(account)
    assert house._state.ledger.of(HOUSE) == Balance(cash=0, shares={"NBG": 0})


def test_CLR_10_a_busted_sale_is_no_profit() -> None:
    """The shares come back at what they had cost, not at the average of what is held by then."""
    later = trade(7, "USR01<MDF", qty=10, price=9_000)
    house = house_after(BOUGHT, SOLD, later, busted(9, SOLD))
    assert standing_of(house).realised == 0
    assert standing_of(house).positions["NBG"] == Position(qty=40, basis=36_000 + 90_000)


def test_CLR_10_a_busted_purchase_takes_its_own_cost() -> None:
    """Ten at 1,200 go back out of forty: the rest keeps what it cost."""
    first, second = trade(5, "USR01<MDF", qty=30, price=1_000), trade(6, "USR01<MDF", qty=10, price=1_200)
    house = house_after(first, second, busted(9, second))
    assert standing_of(house).positions["NBG"] == Position(qty=30, basis=30_000)
    assert standing_of(house).realised == 0


def test_CLR_10_a_basis_does_not_fall_below_zero() -> None:
    """Eleven shares cost 5,000 each on average; ten go back at 9,000: what the basis lacks is realised."""
    dear = trade(5, "USR01<MDF", qty=10, price=9_000)
    gift = deposited(4, "USR01", symbol="NBG", qty=10)
    house = house_after(gift, dear, trade(6, "MDF<USR01", qty=9, price=5_000), busted(9, dear))
    assert standing_of(house).positions["NBG"] == Position(qty=1, basis=0)
    assert standing_of(house).realised == 90_000 - 55_000


def test_CLR_10_a_position_that_goes_back_whole_takes_its_basis_along() -> None:
    """What was paid for it more than the basis has is realised, and nothing is held."""
    gift = deposited(4, "USR01", symbol="NBG", qty=30)
    house = house_after(gift, BOUGHT, trade(6, "MDF<USR01", qty=30, price=1_100), busted(9, BOUGHT))
    assert standing_of(house).positions == {}
    assert standing_of(house).realised == (33_000 - 33_000) + (36_000 - 33_000)


def test_CLR_10_shares_that_were_sold_on_are_owed() -> None:
    """The profit of the sale stays, and thirty shares are owed at what was paid for them."""
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT))
    assert standing_of(house).positions["NBG"] == Position(qty=-30, basis=-36_000)
    assert standing_of(house).realised == 9_000
    assert (house.cash("USR01"), house.shares("USR01", "NBG")) == (100_000 + 45_000, -30)


def test_CLR_10_buying_back_realises_the_difference() -> None:
    """Ten of the owed ones cost 1,000 instead of 1,200; the rest is owed as before."""
    back = trade(10, "USR01<MDF", qty=10, price=1_000)
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT), back)
    assert standing_of(house).positions["NBG"] == Position(qty=-20, basis=-24_000)
    assert standing_of(house).realised == 9_000 + 2_000


def test_CLR_10_what_comes_in_beyond_what_is_owed_is_held() -> None:
    """Forty bought at 1,000 close thirty at 1,200; ten are held at what they cost."""
    back = trade(10, "USR01<MDF", qty=40, price=1_000)
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT), back)
    assert standing_of(house).positions["NBG"] == Position(qty=10, basis=10_000)
    assert standing_of(house).realised == 9_000 + 6_000


def test_CLR_10_a_deposit_closes_what_is_owed() -> None:
    """At the reference price; nothing is held or owed then."""
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT), deposited(10, "USR01", symbol="NBG", qty=30))
    assert standing_of(house).positions == {}
    assert standing_of(house).realised == 9_000 + 6_000


def test_CLR_10_owed_and_busted_back_is_nothing() -> None:
    """When the sale is busted too, its shares come back and close what is owed; nothing was ever earned."""
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT), busted(10, SOLD))
    assert standing_of(house).positions == {}
    assert (standing_of(house).realised, house.cash("USR01")) == (0, 100_000)


def test_CLR_10_a_new_price_changes_what_the_shares_cost() -> None:
    """The seller's profit falls by as much; no share moves, and nothing is realised by the buyer."""
    house = house_after(BOUGHT, corrected(9, BOUGHT, price=1_100))
    assert standing_of(house).positions["NBG"] == Position(qty=30, basis=33_000)
    assert (standing_of(house).realised, standing_of(house, "MDF").realised) == (0, 30 * 100)


def test_CLR_10_a_new_price_of_shares_that_were_sold_on_is_realised() -> None:
    """Twenty of thirty are gone: two thirds of the difference is profit, one third lowers the basis."""
    house = house_after(BOUGHT, trade(6, "MDF<USR01", qty=20, price=1_200), corrected(9, BOUGHT, price=1_100))
    assert standing_of(house).positions["NBG"] == Position(qty=10, basis=11_000)
    assert standing_of(house).realised == 2_000


def test_CLR_10_a_higher_price_raises_the_basis() -> None:
    """The buyer owes more for what is held."""
    house = house_after(BOUGHT, corrected(9, BOUGHT, price=1_300))
    assert standing_of(house).positions["NBG"] == Position(qty=30, basis=39_000)
    assert house.cash("USR01") == 100_000 - 39_000


def test_CLR_10_a_smaller_quantity_splits_the_sellers_basis() -> None:
    """Of three shares that cost 100 one comes back: 66 still leave, 34 are there again."""
    owned = trade(5, "USR01<MDF", qty=3, price=0)
    standing = Standing(positions={"NBG": Position(qty=3, basis=100)})
    house = house_after(owned)
    house._state.standings["USR01"] = standing
    sold = trade(6, "MDF<USR01", qty=3, price=50)
    house.apply(sold)
    house.apply(corrected(9, sold, qty=2))
    assert standing.positions["NBG"] == Position(qty=1, basis=34)
    assert standing.realised == 2 * 50 - 66
    assert house._state.deals["T6"].basis == 66


def test_CLR_10_a_corrected_trade_is_busted_at_what_is_left_of_it() -> None:
    """The second fact starts where the first one ended."""
    house = house_after(BOUGHT, corrected(9, BOUGHT, qty=10, price=1_100), busted(10, BOUGHT, qty=10, price=1_100))
    assert standing_of(house).positions == {}
    assert (standing_of(house).realised, house.cash("USR01")) == (0, 100_000)
    assert standing_of(house, "MDF").realised == 0


def test_CLR_10_a_trade_with_oneself_has_nothing_to_undo() -> None:
    """It moved nothing and counted for nothing."""
    own = trade(7, "USR01<USR01", qty=30, price=3_000)
    house = house_after(BOUGHT, own, busted(9, own))
    assert (house.cash("USR01"), standing_of(house).day.traded) == (64_000, 30)


def test_CLR_09_a_bust_fed_twice_counts_once() -> None:
    """As every other fact."""
    assert house_after(BOUGHT, busted(9, BOUGHT), busted(9, BOUGHT)).cash("USR01") == 100_000


def test_CLR_11_the_open_days_counters_follow() -> None:
    """A bust takes the trade out, a correction some of its shares."""
    second = trade(7, "USR01<MDF", qty=15, price=1_000)
    house = house_after(BOUGHT, SOLD, second, corrected(9, second, qty=4), busted(10, BOUGHT))
    assert standing_of(house).day == Day(opening=100_000, buy_count=1, sell_count=1, traded=34)
    assert standing_of(house, "MDF").day.sell_count == 1


def test_CLR_11_a_stopped_days_counters_stand() -> None:
    """Between two days, and on the next one, which keeps its own."""
    house = house_after(BOUGHT, stopped(7, NBG=1_000), busted(9, BOUGHT))
    assert standing_of(house).day.traded == 30
    later = house_after(BOUGHT, stopped(7, NBG=1_000), started(8, 2, NBG=1_000), SOLD, busted(9, BOUGHT))
    assert standing_of(later).day.traded == 30
    assert standing_of(later).day.buy_count == 0


def test_CLR_11_a_settled_day_stands_and_the_next_opens_with_what_is_there() -> None:
    """The bust is in neither day's profit."""
    stop = stopped(7, NBG=1_000)
    house = house_after(BOUGHT, stop)
    settled = house.settle(stop)[0]
    for fact in (settled, busted(9, BOUGHT), started(10, 2, NBG=1_000)):
        house.apply(fact)
    assert house.settlements("USR01") == [settled]
    assert (settled.closing_capital, standing_of(house).day.opening) == (94_000, 100_000)
    after = house.settle(stopped(11, 2, NBG=1_000))[0]
    assert (after.realised, after.closing_capital, after.traded) == (0, 100_000, 0)


def test_a_house_keeps_what_can_still_be_undone() -> None:
    """At least the newest ten thousand trades, and never twice as many (CTL-07)."""
    house = house_after()
    for n in range(2 * TRADES_REMEMBERED - 1):
        house.apply(trade(10 + n, "USR01<MDF" if n % 2 == 0 else "MDF<USR01", qty=1, price=1))
    assert len(house._state.deals) == 2 * TRADES_REMEMBERED - 1
    house.apply(trade(50_000, "MDF<USR01", qty=1, price=1))
    assert len(house._state.deals) == TRADES_REMEMBERED
    assert next(reversed(house._state.deals)) == "T50000"


def test_what_is_owed_stands_in_the_portfolio() -> None:
    """Below zero, at its mark; profit is what cash and shares are worth together."""
    house = house_after(BOUGHT, SOLD, busted(9, BOUGHT))
    portfolio = house.portfolio("USR01", mark=lambda _: 1_300, reserved=NOTHING_RESERVED)
    holding = portfolio.holdings[0]
    assert (holding.qty, holding.average_cost, holding.value, holding.unrealised) == (-30, 1_200, -39_000, -3_000)
    assert portfolio.pnl == 6_000 == portfolio.realised + holding.unrealised
    assert portfolio.daily == Daily(buy_count=0, sell_count=1, total_securities=Shares(30))
