"""Public market data, the clearing house's public figures, and the seed's routes with the seed's shapes."""

import pytest
from web.floor import START, Floor

from stockex.messages.clearing import Decision
from stockex.messages.codec import entry_of
from stockex.messages.envelope import Entry
from stockex.messages.topics import Topic

TRADE = {"trade_id", "symbol", "price", "quantity", "aggressor", "offset", "index", "timestamp"}
TRADE |= {"status", "changed_by", "note"}


async def traded(floor: Floor) -> None:
    """Make one trade of 4 ALPHA at 24.95 and leave 6 on the ask."""
    await floor.place("CLIENT1", "sell 10 ALPHA 24.95", cl_ord_id="s")
    await floor.place("USR01", "buy 4 ALPHA 24.95", cl_ord_id="b")


async def test_instruments_have_tick_lot_reference_and_limits(floor: Floor) -> None:
    """What can be traded, in the order of listing, prices in euro."""
    first = (await floor.call("GET", "/api/v1/instruments")).json()[0]
    limits: dict[str, object] = {"tick_table": [], "max_quantity": None, "max_value": None}
    assert first == {"symbol": "ALPHA", "name": "Alpha Bank", "tick": 0.01, "lot": 1, "reference": 24.95} | limits


async def test_the_market_table_has_a_line_a_symbol(floor: Floor) -> None:
    """All tickers, and each alone, say the same."""
    await traded(floor)
    table = (await floor.call("GET", "/api/v1/market")).json()
    alone = (await floor.call("GET", "/api/v1/market/ALPHA")).json()
    assert [ticker["symbol"] for ticker in table] == ["ALPHA", "PEIR"]
    assert table[0] == alone
    assert (alone["last"], alone["best_ask"], alone["volume"], alone["best_bid"]) == (24.95, 24.95, 4, None)


async def test_a_book_has_as_many_levels_as_asked_for(floor: Floor) -> None:
    """Levels are price, quantity and number of orders, the best first."""
    for price in ("24.90", "24.91", "24.92"):
        await floor.place("USR01", f"buy 2 ALPHA {price}")
    book = (await floor.call("GET", "/api/v1/book/ALPHA?levels=2")).json()
    assert (book["bids"], book["asks"]) == ([[24.92, 2, 1], [24.91, 2, 1]], [])


async def test_trades_are_public_without_names(floor: Floor) -> None:
    """The tape shows the trade and nobody's name or order."""
    await traded(floor)
    trades = (await floor.call("GET", "/api/v1/trades?symbol=ALPHA")).json()
    assert [set(trade) for trade in trades] == [TRADE]
    assert (await floor.call("GET", "/api/v1/trades?symbol=PEIR")).json() == []


@pytest.mark.parametrize("path", ["/api/v1/candles/ALPHA?period=live", "/history/ALPHA?period=live"])
async def test_candles_have_the_seeds_shape(floor: Floor, path: str) -> None:
    """Symbol, period and candles of t, o, h, l, c, v."""
    await traded(floor)
    answer = (await floor.call("GET", path)).json()
    minute = START // 10**9 // 60 * 60
    candle = {"t": minute, "o": 24.95, "h": 24.95, "l": 24.95, "c": 24.95, "v": 4}
    assert answer == {"symbol": "ALPHA", "period": "live", "candles": [candle]}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/market/NOPE",
        "/api/v1/book/NOPE",
        "/api/v1/trades?symbol=NOPE",
        "/api/v1/candles/NOPE",
        "/orderbook/NOPE",
        "/history/NOPE",
        "/data?symbol=NOPE",
        "/matcher/orderbook/NOPE",
        "/matcher/trades?symbol=NOPE",
    ],
)
async def test_an_unknown_symbol_is_404(floor: Floor, path: str) -> None:
    """The reason is named, and asking makes no such book."""
    response = await floor.call("GET", path)
    assert (response.status_code, response.json()["error"]["reason"]) == (404, "UNKNOWN_SYMBOL")
    assert list(floor.market.instruments) == ["ALPHA", "PEIR"]


async def test_the_session_is_public(floor: Floor) -> None:
    """Everybody sees whether the market trades; the seed's route says the same."""
    session = (await floor.call("GET", "/api/v1/session")).json()
    seed = (await floor.call("GET", "/session/status")).json()
    assert (session["active"], session["suspended"], session["phase"], session["day"]) == (True, False, "CONTINUOUS", 1)
    assert seed == session


@pytest.mark.parametrize("path", ["/api/v1/leaderboard", "/ch/api/leaderboard"])
async def test_the_ranking_has_ten_members(floor: Floor, path: str) -> None:
    """The ten members by total value, with the seed's fields."""
    rows = (await floor.call("GET", path)).json()
    fields = {"rank", "member_id", "capital", "holdings", "obligation_met", "total_value", "pnl", "is_human", "ai_type"}
    assert [row["rank"] for row in rows] == list(range(1, 11))
    assert fields <= rows[0].keys()


async def test_a_member_is_public_without_its_orders(floor: Floor) -> None:
    """Row, trades and decisions; a trade does not name the order."""
    await traded(floor)
    member = (await floor.call("GET", "/api/v1/members/USR01")).json()
    assert (member["row"]["member_id"], member["decisions"]) == ("USR01", [])
    assert [set(trade) for trade in member["trades"]] == [
        {"trade_id", "symbol", "side", "quantity", "price", "timestamp", "status"}
    ]


async def test_a_members_decisions_are_its_newest_ten(floor: Floor) -> None:
    """Newest first, the member's own only; a record that cannot be read is passed over."""
    for number in range(12):
        for account in ("USR01", "USR02"):
            decision = Decision(account=account, at=START, source="rule", text=f"{account} {number}")
            await floor.bus.append([entry_of(decision)])
    await floor.bus.append([Entry(Topic.DECISIONS, "", b"{")])
    member = (await floor.call("GET", "/api/v1/members/USR01")).json()
    assert [decision["text"] for decision in member["decisions"]] == [f"USR01 {number}" for number in range(11, 1, -1)]


@pytest.mark.parametrize("path", ["/api/v1/members/CLIENT1", "/ch/api/member/NOPE"])
async def test_who_is_no_member_is_404(floor: Floor, path: str) -> None:
    """Only the ten members are public."""
    assert (await floor.call("GET", path)).json()["error"]["reason"] == "UNKNOWN_ACCOUNT"


async def test_a_portfolio_counts_what_open_orders_reserve(floor: Floor) -> None:
    """Cash, what is reserved and what is left, in euro."""
    await traded(floor)
    await floor.place("USR01", "buy 10 ALPHA 24.90")
    view = (await floor.call("GET", "/api/v1/portfolio", "USR01")).json()
    assert (view["capital"], view["reserved"], view["available"]) == (99_900.2, 249.0, 99_651.2)
    assert [(row["symbol"], row["quantity"]) for row in view["holdings"]] == [("ALPHA", 4)]


async def test_the_seeds_portfolio_is_the_same(floor: Floor) -> None:
    """/ch/api/portfolio answers as the versioned route does."""
    await traded(floor)
    seed, ours = [
        (await floor.call("GET", path, "USR01")).json() for path in ("/ch/api/portfolio", "/api/v1/portfolio")
    ]
    assert seed == ours


async def test_a_settled_day_is_its_members_own(floor: Floor) -> None:
    """Nothing is settled before the first day ends."""
    assert (await floor.call("GET", "/api/v1/settlements", "USR01")).json() == []


async def test_the_dashboards_data_has_the_seeds_fields(floor: Floor) -> None:
    """Orders are the visitor's own; quotes, trades and one book are everybody's."""
    await traded(floor)
    await floor.place("USR01", "buy 1 ALPHA 24.90")
    nobody = (await floor.call("GET", "/data")).json()
    own = (await floor.call("GET", "/data", "USR01")).json()
    assert (nobody["orders"], len(own["orders"])) == ([], 1)
    assert nobody["bbos"]["ALPHA"] == {
        "best_bid": 24.9,
        "best_ask": 24.95,
        "bid_size": 1,
        "ask_size": 6,
        "timestamp": START / 1e9,
        "source": "BOOK",
    }
    assert nobody["book"]["asks"] == [{"price": 24.95, "quantity": 6, "orders": 1}]


@pytest.mark.parametrize("path", ["/orderbook/ALPHA", "/matcher/orderbook/ALPHA"])
async def test_the_seeds_book_shows_levels_and_no_owners(floor: Floor, path: str) -> None:
    """Each side is a list of levels, the best first."""
    await traded(floor)
    book = (await floor.call("GET", path, "CLIENT1")).json()
    assert book == {"symbol": "ALPHA", "bids": [], "asks": [{"price": 24.95, "quantity": 6, "orders": 1}]}


async def test_the_seeds_order_routes_answer_when_it_is_done(floor: Floor) -> None:
    """Amend and cancel say ok once the order has changed, with the order's id."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    amended = await floor.call("POST", "/order/amend", "USR01", json={"orig_cl_ord_id": "mine", "quantity": 4})
    quantity = [order.qty for order in floor.blotter.open_orders("USR01")]
    cancelled = await floor.call("POST", "/order/cancel", "USR01", json={"orig_cl_ord_id": "mine", "symbol": "ALPHA"})
    assert (amended.json()["status"], quantity) == ("ok", [4])
    assert (cancelled.json()["status"], floor.blotter.open_orders("USR01")) == ("ok", [])


async def test_the_seeds_routes_heed_the_symbol(floor: Floor) -> None:
    """An order named with another symbol is not that order."""
    await floor.place("USR01", "buy 10 ALPHA 24.90", cl_ord_id="mine")
    body = {"orig_cl_ord_id": "mine", "symbol": "PEIR"}
    response = await floor.call("POST", "/order/cancel", "USR01", json=body)
    assert (response.status_code, response.json()["error"]["reason"]) == (404, "UNKNOWN_ORDER")


async def test_the_seeds_session_routes_say_what_happened(floor: Floor) -> None:
    """Each action answers with the seed's word."""
    words = [
        (await floor.call("POST", f"/session/{action}", "OPERATOR")).json()["status"]
        for action in ("suspend", "resume", "end", "start")
    ]
    assert words == ["suspended", "active", "ended", "started"]


async def test_the_clearing_houses_seed_routes_have_the_seeds_shapes(floor: Floor) -> None:
    """Order, portfolio, market, config and member as the seed answered them."""
    await traded(floor)
    body = {"symbol": "ALPHA", "side": "BUY", "quantity": 1, "price": 24.9}
    order = (await floor.call("POST", "/ch/order", "USR01", json=body)).json()
    market = (await floor.call("GET", "/ch/api/market")).json()
    config = (await floor.call("GET", "/ch/api/config")).json()
    member = (await floor.call("GET", "/ch/api/member/USR01")).json()
    assert (order["status"], order["order"]["cl_ord_id"]) == ("ok", order["cl_ord_id"])
    assert market["ALPHA"] == {"best_bid": 24.9, "best_ask": 24.95, "mid": 24.925}
    assert market["PEIR"] == {"best_bid": None, "best_ask": None, "mid": None}
    assert (config["obligation"], len(config["member_strategies"])) == (20, 10)
    assert (member["daily"]["buy_count"], member["obligation"], len(member["trades"])) == (1, 20, 1)


async def test_the_matchers_trades_come_page_by_page(floor: Floor) -> None:
    """Newest first with the seed's fields; a client id is shown to its owner only."""
    await traded(floor)
    await floor.place("USR01", "buy 1 ALPHA 24.95", cl_ord_id="b2")
    page = (await floor.call("GET", "/matcher/trades?limit=1&offset=1", "USR01")).json()
    [trade] = page["trades"]
    assert (page["total"], page["limit"], page["offset"], trade["quantity"]) == (2, 1, 1, 4)
    assert (trade["buy_order_id"], trade["sell_order_id"]) == ("b", None)


async def test_the_matchers_figures_are_counted(floor: Floor) -> None:
    """Orders, trades, cancels, replaces, rejects, resting levels and readers, as Prometheus text."""
    await traded(floor)
    await floor.call("PATCH", "/api/v1/orders/s", "CLIENT1", json={"quantity": 9})
    await floor.call("DELETE", "/api/v1/orders/s", "CLIENT1")
    await floor.place("USR01", "sell 100 ALPHA 24.90")
    await floor.place("USR01", "buy 1 ALPHA 24.90")
    await floor.read()
    text = (await floor.call("GET", "/matcher/metrics")).text
    for line in ("orders_total 3", "trades_total 1", "cancels_total 1", "replaces_total 1", "rejects_total 1"):
        assert f"\nstockex_{line}\n" in text
    assert 'stockex_book_levels{symbol="ALPHA",side="bid"} 1\n' in text
    assert "stockex_sse_clients 1\n" in text


async def test_only_the_operator_sees_on_which_book_an_instrument_is(floor: Floor) -> None:
    """What keeps it from the compiled one may be an order that is hidden."""
    asked = [await floor.call("GET", "/matcher/books", user) for user in ("OPERATOR", "USR01", None)]
    assert [answer.status_code for answer in asked] == [200, 403, 401]
    first = asked[0].json()["books"][0]
    assert (first["symbol"], first["is_lent"], first["why"]) == ("ALPHA", False, "no other is in use")


@pytest.mark.parametrize(("path", "service"), [("/health", "dashboard"), ("/matcher/health", "matcher")])
async def test_the_seeds_health_tells_trouble(floor: Floor, path: str, service: str) -> None:
    """Healthy while the exchange is ready, degraded while it is not; always 200."""
    good = (await floor.call("GET", path)).json()
    floor.unready = "the log is being replayed"
    bad = await floor.call("GET", path)
    assert (good["status"], good["service"], bad.status_code, bad.json()["status"]) == (
        "healthy",
        service,
        200,
        "degraded",
    )


async def test_readiness_gives_its_reason(floor: Floor) -> None:
    """/readyz is 503 with the reason until orders can be placed; /healthz and /version answer always."""
    ready = await floor.call("GET", "/readyz")
    floor.unready = "the log is being replayed"
    unready = await floor.call("GET", "/readyz")
    alive = [(await floor.call("GET", path)).status_code for path in ("/healthz", "/version")]
    assert (ready.status_code, unready.status_code, alive) == (200, 503, [200, 200])
    assert unready.json()["error"]["message"] == "the log is being replayed"


async def test_what_could_not_be_believed_is_counted(floor: Floor) -> None:
    """By topic and reason, for people and for Prometheus."""
    await floor.bus.append([Entry(Topic.ORDERS, "", b"{"), Entry(Topic.TRADES, "", b""), Entry(Topic.BOOK, "", b"[]")])
    await floor.place("USR01", "buy 1 @ 20.00")
    told = (await floor.call("GET", "/api/v1/quarantine")).json()
    assert told == {"total": 3, "topics": {topic: {"not_json": 1} for topic in ("book", "orders", "trades")}}
    metrics = (await floor.call("GET", "/matcher/metrics")).text
    assert 'stockex_records_passed_over_total{topic="book",reason="not_json"} 1' in metrics
