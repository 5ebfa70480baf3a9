"""Why, over REST: what everybody may know, what only the owner, and what cannot be explained."""

from typing import Any

import pytest
from web.floor import Floor

from stockex.services import explainer as explaining

Whys = list[dict[str, Any]]


async def told(floor: Floor, offset: int, user: str | None = None) -> Whys:
    """Return the sentences that somebody sees of a command."""
    response = await floor.call("GET", f"/api/v1/explain/{offset}", user)
    assert response.status_code == 200
    whys: Whys = response.json()["whys"]
    return whys


async def trade(floor: Floor) -> int:
    """Let CLIENT1 sell to USR01; return the offset of the purchase."""
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95", cl_ord_id="s1")
    bought = await floor.place("USR01", "buy 4 ALPHA 24.97", cl_ord_id="b1")
    return int(bought.json()["fills"][0]["trade_id"].split("-")[0])


async def test_everybody_learns_why_a_trade_happened_but_not_whose_it_was(floor: Floor) -> None:
    """The best offer, and its price; no account, no order id, no limit of the buyer."""
    whys = await told(floor, await trade(floor))
    assert [(why["about"], why["rules"], why["text"]) for why in whys] == [
        ("traded", ["TRD-01"], "Another order stood at 24.95, the best offer, and was the only order shown there."),
        ("traded", ["TRD-03"], "The price is 24.95, the limit of another order, which rested."),
    ]


async def test_the_owner_learns_what_only_he_may_know(floor: Floor) -> None:
    """What his order held, how much better the price was than his limit, and the cash that is free again."""
    whys = await told(floor, await trade(floor), "USR01")
    own = [(why["rules"], why["text"]) for why in whys if "account" in why]
    assert own == [
        (
            ["RSK-01"],
            (
                "Your b1 keeps all rules and holds EUR 99.88 (4 x 24.97) of EUR 100,000.00 free while it is open. "
                "EUR 99,900.12 stay free."
            ),
        ),
        (["TRD-03"], "The limit of your b1 was 24.97, 0.02 a share better, which is its owner's gain."),
        (["RSK-04"], "Your b1 held 24.97 for each share and paid 24.95: EUR 0.08 are free again."),
    ]
    assert len(await told(floor, await trade_again(floor), "CLIENT1")) == 2


async def trade_again(floor: Floor) -> int:
    """Let another pair trade, of which CLIENT1 rested."""
    await floor.place("CLIENT1", "sell 4 PEIR 18.05")
    bought = await floor.place("USR02", "buy 4 PEIR 18.07")
    return int(bought.json()["fills"][0]["trade_id"].split("-")[0])


async def test_the_operator_sees_all_with_names(floor: Floor) -> None:
    """Whose order it was, and every account's figures."""
    whys = await told(floor, await trade(floor), "OPERATOR")
    assert "CLIENT1's s1 stood at 24.95" in whys[1]["text"]
    assert {why.get("account") for why in whys} == {None, "USR01"}


async def test_a_refusal_names_the_command_that_can_be_explained(floor: Floor) -> None:
    """The owner sees the reason and his figures; for others there is nothing to see."""
    refused = await floor.place("USR01", "buy 1000000 ALPHA 24.95")
    offset = refused.json()["error"]["offset"]
    texts = [why["text"] for why in await told(floor, offset, "USR01")]
    assert texts[0].startswith("Refused, INSUFFICIENT_CASH")
    assert texts[1] == "The account has EUR 100,000.00, of which open orders hold EUR 0.00."
    response = await floor.call("GET", f"/api/v1/explain/{offset}", "USR02")
    assert (response.status_code, response.json()["error"]["message"]) == (
        404,
        f"Of command {offset} there is nothing for you to see.",
    )


async def test_an_order_names_the_command_that_changed_it_last(floor: Floor) -> None:
    """So that its owner can ask why it ended."""
    await floor.place("USR01", "buy 4 ALPHA 24.90", cl_ord_id="b1")
    order = (await floor.call("DELETE", "/api/v1/orders/b1", "USR01")).json()["order"]
    (why,) = await told(floor, order["cause"], "USR01")
    assert (why["about"], why["rules"]) == ("cancelled", ["CAN-01"])


@pytest.mark.parametrize(("offset", "status"), [("999999", 404), ("-1", 422), ("one", 422)])
async def test_what_is_not_there_cannot_be_explained(floor: Floor, offset: str, status: int) -> None:
    """A command that has not been given, or no number at all."""
    assert (await floor.call("GET", f"/api/v1/explain/{offset}")).status_code == status


async def test_what_is_too_long_ago_is_refused_with_another_way(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line explains it beside the exchange."""
    offset = await trade(floor)
    monkeypatch.setattr(explaining, "FURTHEST", 3)
    response = await floor.call("GET", f"/api/v1/explain/{offset}")
    assert response.status_code == 422
    assert f"`stockex explain {offset}`" in response.json()["error"]["message"]


async def test_too_many_at_once_are_asked_to_wait(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trading goes before explaining."""
    offset = await trade(floor)
    monkeypatch.setattr(explaining, "_WAITING", 0)
    assert (await floor.call("GET", f"/api/v1/explain/{offset}")).status_code == 503


async def call(floor: Floor, **order: object) -> None:
    """Begin a call in ALPHA with 10 bid at 24.97 and 4 offered at 24.95."""
    await floor.call("POST", "/api/v1/phase", "OPERATOR", json={"to": "call", "symbol": "ALPHA"})
    await floor.place("CLIENT1", "sell 4 ALPHA 24.95")
    await floor.place("USR01", "buy 10 ALPHA 24.97", **order)


async def auction(floor: Floor, user: str | None = None) -> dict[str, Any]:
    """Return why the auction that would be held now has its price."""
    response = await floor.call("GET", "/api/v1/auction/ALPHA", user)
    assert response.status_code == 200
    (why,) = response.json()["whys"]
    return dict(why)


async def test_a_running_call_is_explained_by_its_table(floor: Floor) -> None:
    """Price, all that is bought and sold there, what trades and what is left over."""
    await call(floor)
    why = await auction(floor)
    assert (why["rules"], why["price"]) == (["AUC-02"], 24.97)
    assert why["rows"] == [
        {"price": 24.95, "buy": 10, "sell": 4, "volume": 4, "surplus": 6},
        {"price": 24.97, "buy": 10, "sell": 4, "volume": 4, "surplus": 6},
    ]
    assert why["text"].startswith("Something trades from 24.95 to 24.97; max_volume leaves 24.95 to 24.97;")


async def test_a_table_does_not_give_hidden_quantity_away(floor: Floor) -> None:
    """Others see the row of the price, which the indication tells everybody; the operator sees all."""
    await call(floor, display_quantity=2)
    why = await auction(floor, "USR02")
    assert [row["price"] for row in why["rows"]] == [24.97]
    assert why["text"] == (
        "The price is 24.97: 4 trade, surplus +6. Orders in the book hide quantity, so what the other prices would do "
        "is not told."
    )
    assert len((await auction(floor, "OPERATOR"))["rows"]) == 2


async def test_without_a_call_there_is_no_auction_to_explain(floor: Floor) -> None:
    """Nor in an instrument that is not listed."""
    statuses = [(await floor.call("GET", f"/api/v1/auction/{symbol}")).status_code for symbol in ("ALPHA", "NOPE")]
    assert statuses == [404, 404]


async def test_the_auction_that_was_held_is_explained_by_its_offset(floor: Floor) -> None:
    """Its table is that of the moment, whatever has come since."""
    await call(floor)
    await floor.call("POST", "/api/v1/phase", "OPERATOR", json={"to": "uncross", "symbol": "ALPHA"})
    offset = (await floor.call("GET", "/api/v1/trades")).json()[0]["offset"]
    await trade_again(floor)
    table, *rest = await told(floor, offset)
    assert (len(table["rows"]), table["price"]) == (2, 24.97)
    assert rest[1]["text"] == (
        "Another order and another order were next on their sides: by price, then time, unpriced orders first. The "
        "price is the auction's, 24.97."
    )
