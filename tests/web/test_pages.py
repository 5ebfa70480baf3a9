"""Pages, login form, headers, static files and the description of the interface."""

import json
import re
from html import unescape

import httpx
import pytest
from web.floor import Floor

from stockex.core.session.instrument import STEPS
from stockex.web.auth import FAILURES_ALLOWED
from stockex.web.pages import is_local

FORM = {"member_id": "USR01", "password": "USR01"}


def references(value: object) -> set[str]:
    """Return the name of every schema that the document refers to."""
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value)))


async def document(floor: Floor) -> dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]]:
    """Return the OpenAPI document."""
    return (await floor.call("GET", "/openapi.json")).json()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "page"),
    [("/", "dashboard"), ("/frontend/", "frontend"), ("/ch/", "leaderboard"), ("/ch/login", "login")],
)
async def test_everybody_sees_the_public_pages(floor: Floor, path: str, page: str) -> None:
    """Each page says which one it is, and that this is a demonstration."""
    response = await floor.call("GET", path)
    assert response.status_code == 200
    assert f'<body class="{page}" data-demo="true"' in response.text


async def test_the_pages_lead_to_each_other(floor: Floor) -> None:
    """Order entry and dashboard name each other; a port whose `/` is another page has no dashboard."""
    dashboard, frontend = '<a href="/" ', '<a href="/frontend/" '
    assert frontend in (await floor.call("GET", "/")).text
    assert dashboard in (await floor.call("GET", "/frontend/")).text
    object.__setattr__(floor.site.front.parts, "front_page", "/frontend/")
    alone = (await floor.call("GET", "/frontend/")).text
    assert (dashboard in alone, frontend in alone) == (False, True)
    bare = await floor.call("GET", "/frontend")
    assert (bare.status_code, bare.headers["location"]) == (308, "/frontend/")


async def test_nobody_is_sent_to_the_login_before_the_portfolio(floor: Floor) -> None:
    """After the login the browser comes back to the portfolio."""
    response = await floor.call("GET", "/ch/portfolio")
    assert (response.status_code, response.headers["location"]) == (303, "/ch/login?next=/ch/portfolio")


async def test_the_login_form_opens_the_portfolio(floor: Floor) -> None:
    """The form's answer sets the cookie and goes on to the page, which knows the user."""
    async with floor.client(follow_redirects=True) as browser:
        response = await browser.post("/ch/login", data=FORM)
    assert (response.status_code, response.url.path) == (200, "/ch/portfolio")
    assert 'data-user="USR01" data-role="member"' in response.text


async def test_only_the_operators_pages_have_what_is_controlled(floor: Floor) -> None:
    """The engine's own table, for what leads on from each phase there are buttons for; and all who may be stopped."""
    member, operator = await floor.call("GET", "/", "USR01"), await floor.call("GET", "/", "OPERATOR")
    told = re.search('data-steps="([^"]*)"', operator.text)
    assert told is not None
    assert json.loads(unescape(told[1])) == {phase: list(steps) for phase, steps in STEPS.items()}
    assert "data-steps" not in member.text
    assert "data-accounts" not in member.text
    accounts = re.search('data-accounts="([^"]*)"', operator.text)
    assert accounts is not None
    assert {"USR01", "CLIENT1", "MDF"} < set(json.loads(unescape(accounts[1])))


async def test_a_wrong_password_asks_again(floor: Floor) -> None:
    """The form comes back with the sentence and the name that was typed, and without a cookie."""
    response = await floor.call("POST", "/ch/login", data=FORM | {"password": "wrong"})
    assert (response.status_code, "set-cookie" in response.headers) == (401, False)
    assert "wrong password" in response.text
    assert 'value="USR01"' in response.text


async def test_the_form_stops_guessing_too(floor: Floor) -> None:
    """The page of the eleventh try is a 429 that says when to come back."""
    for _ in range(FAILURES_ALLOWED):
        await floor.call("POST", "/ch/login", data=FORM | {"password": "wrong"})
    response = await floor.call("POST", "/ch/login", data=FORM)
    assert (response.status_code, response.headers["retry-after"]) == (429, "60")


async def test_what_was_typed_is_shown_as_text(floor: Floor) -> None:
    """A name that looks like markup is escaped."""
    response = await floor.call("POST", "/ch/login", data={"member_id": '"><script>x', "password": "x"})
    assert "<script>x" not in response.text


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"member_id", b"&" * 20, b"a=1&" * 20, b"member_id=%ff&password=%00"],
)
async def test_a_broken_login_form_is_no_fault_of_ours(floor: Floor, body: bytes) -> None:
    """Whatever is posted is answered with 4xx."""
    response = await floor.call("POST", "/ch/login", content=body)
    assert response.status_code in {400, 401, 422}


@pytest.mark.parametrize(
    ("target", "is_ours"),
    [
        ("/", True),
        ("/ch/portfolio?x=1#a", True),
        ("", False),
        ("//evil.test", False),
        ("/\\evil.test", False),
        ("https://evil.test", False),
        ("javascript:alert(1)", False),
        ("/\n/evil.test", False),
        ("/\t/evil.test", False),
    ],
)
def test_a_login_leads_only_to_our_own_pages(target: str, *, is_ours: bool) -> None:
    """`next` cannot send a browser elsewhere."""
    assert is_local(target) == is_ours


async def test_logging_out_by_form_goes_to_the_ranking(floor: Floor) -> None:
    """The cookie is gone and the ranking is shown."""
    async with floor.client() as browser:
        await browser.post("/ch/login", data=FORM)
        response = await browser.post("/ch/logout")
        user = (await browser.get("/api/v1/me")).json()["user"]
    assert (response.status_code, response.headers["location"], user) == (303, "/ch/", None)


@pytest.mark.parametrize("path", ["/", "/docs", "/api/v1/market", "/nothing", "/static/vendor/README.md"])
async def test_every_answer_is_shielded(floor: Floor, path: str) -> None:
    """No inline script without the answer's nonce, no guessing of types, no foreign frames."""
    headers = (await floor.call("GET", path)).headers
    policy = headers["content-security-policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert re.fullmatch(r"script-src 'self' 'nonce-[\w-]{22}'", scripts)
    assert "frame-ancestors 'self'" in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_inline_scripts_carry_the_nonce_and_nothing_comes_from_elsewhere(floor: Floor, path: str) -> None:
    """The page's inline script has the nonce of its policy, every other script and style is a file of ours."""
    response = await floor.call("GET", path)
    [nonce] = set(re.findall(r'nonce="([^"]+)"', response.text))
    sources = re.findall(r'(?:src|href)="([^"#]*)"', response.text)
    assert f"'nonce-{nonce}'" in response.headers["content-security-policy"]
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)


async def test_a_nonce_is_used_once(floor: Floor) -> None:
    """Two answers have two nonces."""
    answers: list[httpx.Response] = [await floor.call("GET", "/") for _ in range(2)]
    assert len({answer.headers["content-security-policy"] for answer in answers}) == 2


async def test_the_interfaces_page_finds_its_files(floor: Floor) -> None:
    """/docs works without a network beyond this machine."""
    page = (await floor.call("GET", "/docs")).text
    for source in re.findall(r'(?:src|href)="(/static/vendor/[^"]*)"', page):
        assert (await floor.call("GET", source)).status_code == 200


async def test_static_files_are_asked_for_again(floor: Floor) -> None:
    """A browser keeps a file but asks whether it has changed; private answers are not kept at all."""
    file = await floor.call("GET", "/static/vendor/README.md")
    again = await floor.call("GET", "/static/vendor/README.md", headers={"If-None-Match": file.headers["etag"]})
    private = await floor.call("GET", "/api/v1/portfolio", "USR01")
    assert (file.headers["cache-control"], again.status_code) == ("no-cache", 304)
    assert private.headers["cache-control"] == "no-store"


async def test_the_description_knows_every_schema_it_names(floor: Floor) -> None:
    """Each reference of the OpenAPI document resolves."""
    described = await document(floor)
    assert references(described) <= described["components"]["schemas"].keys()
    assert {"OrderReply", "Ticker", "Portfolio", "ErrorReply"} <= references(described)


async def test_the_description_shows_the_form_of_an_order(floor: Floor) -> None:
    """The body of a new order has the command's fields without those that are not the client's."""
    operation = (await document(floor))["paths"]["/api/v1/orders"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]  # type: ignore[index]
    assert schema["required"] == ["symbol", "side", "quantity"]
    assert not {"account", "type", "source", "timestamp"} & schema["properties"].keys()


async def test_every_versioned_route_describes_its_answer(floor: Floor) -> None:
    """No route of /api/v1 answers with a shape that the description does not show."""
    paths = (await document(floor))["paths"]
    answers = [
        operation["responses"]
        for path, operations in paths.items()
        if path.startswith("/api/v1")
        for operation in operations.values()
    ]
    assert len(answers) >= 20
    assert all(answer.keys() >= {"4XX"} and "schema" in json.dumps(answer) for answer in answers)


async def test_a_fault_of_ours_tells_nothing_of_itself(floor: Floor) -> None:
    """A bug is a 500 in the shape of every other error, without a traceback."""
    object.__setattr__(floor.site.front.parts, "ready", None)
    response = await floor.call("GET", "/readyz")
    assert (response.status_code, "NoneType" in response.text) == (500, False)
    assert response.json()["error"]["message"]
