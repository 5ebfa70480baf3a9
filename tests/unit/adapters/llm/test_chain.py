"""Each provider is asked in its own words, and who gives no fit answer is followed by the next."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from unit.adapters.llm.model_server import ModelServer, Reply, completion, model_server, ollama

from stockex.adapters.llm.chain import CALLS_PER_HOUR, LARGEST, Answer, Chain
from stockex.adapters.llm.providers import Dialect, Provider

SAID = "ALPHA rose by 1.20% to 25.25 in five trades."


class Clock:
    """Nanoseconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def hosted(name: str, server: ModelServer) -> Provider:
    """Return a provider that speaks as Groq does, behind a server of the test."""
    return Provider(name, "m", f"{server.url}/v1", f"key of {name}")


def local(server: ModelServer) -> Provider:
    """Return an Ollama behind a server of the test."""
    return Provider("Ollama", "llama3.1:8b", server.url, dialect=Dialect.OLLAMA)


@asynccontextmanager
async def groq(*replies: Reply, clock: Clock) -> AsyncIterator[tuple[Chain, ModelServer]]:
    """Give a chain of one provider, whose server gives these replies."""
    with model_server(*replies) as server:
        async with aclosing(Chain([hosted("Groq", server)], clock=clock)) as chain:
            yield chain, server


async def asked(chain: Chain, *, fault: str | None = None) -> Answer:
    """Ask; `fault` is what is found in every answer."""
    return await chain.answer("Be brief.", "Facts: ...", fault_in=lambda _: fault)


async def asked_once(chain: Chain, *, fault: str | None = None) -> Answer:
    """Ask, and close the chain."""
    async with aclosing(chain):
        return await asked(chain, fault=fault)


async def test_groq_and_hugging_face_are_asked_for_a_chat_completion() -> None:
    """At /chat/completions, with the token as a bearer, system and user messages, and a bound on the length."""
    with model_server(completion(f" {SAID}\n")) as server:
        answer = await asked_once(Chain([hosted("Groq", server)], clock=Clock()))
    assert answer == Answer(SAID, "Groq/m", "")
    [(path, token, body)] = server.asked
    assert (path, token) == ("/v1/chat/completions", "key of Groq")
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Facts: ..."},
    ]
    assert (body["model"], body["stream"], body["max_tokens"]) == ("m", False, 300)


async def test_ollama_is_asked_at_its_own_address() -> None:
    """At /api/chat, without a token, its options under their own names."""
    with model_server(ollama(SAID)) as server:
        answer = await asked_once(Chain([local(server)], clock=Clock()))
    assert answer == Answer(SAID, "Ollama/llama3.1:8b", "")
    [(path, token, body)] = server.asked
    assert (path, token, body["stream"]) == ("/api/chat", "", False)
    assert body["options"] == {"temperature": 0.2, "num_predict": 300}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(401), "HTTP 401"),
        (Reply(500), "HTTP 500"),
        (Reply(302, headers=(("Location", "/elsewhere"),)), "HTTP 302"),
        (Reply(body=b"no JSON"), "its answer cannot be read"),
        (Reply(body=b'{"choices": 3}'), "its answer cannot be read"),
        (Reply(body=b'{"else": ' + b"[" * 100_000), "its answer cannot be read"),
        (Reply(body=b" " * (LARGEST + 1)), f"its answer is longer than {LARGEST} bytes"),
    ],
)
async def test_who_fails_is_followed_by_the_next(reply: Reply, why: str) -> None:
    """The answer is the next one's, and its note says what was wrong with the first; no key stands in it."""
    with model_server(reply) as broken, model_server(ollama(SAID)) as sound:
        answer = await asked_once(Chain([hosted("Groq", broken), local(sound)], clock=Clock()))
    assert answer == Answer(SAID, "Ollama/llama3.1:8b", f"Groq: {why}")


async def test_who_keeps_one_waiting_gives_no_answer() -> None:
    """After the time that each has."""
    with model_server(Reply(waits=True)) as server:
        answer = await asked_once(Chain([hosted("Groq", server)], clock=Clock(), timeout_s=0.1))
    assert answer == Answer("", "", "Groq: no answer within 0.1 s")


async def test_nobody_there_is_a_failure_too() -> None:
    """Without an answer there is no text, and the note names all."""
    with model_server(Reply()) as server:
        gone = hosted("Groq", server)
    answer = await asked_once(Chain([gone], clock=Clock()))
    assert answer == Answer("", "", "Groq: ConnectError")


@pytest.mark.parametrize(
    ("url", "token"), [("http://localhost:99999", ""), ("http://localhost:port", ""), ("http://localhost:9", "clé")]
)
async def test_an_address_or_a_key_that_cannot_be_used_is_a_failure_too(url: str, token: str) -> None:
    """Whoever configured it reads so in the note; the exchange goes on."""
    answer = await asked_once(Chain([Provider("Groq", "m", url, token)], clock=Clock()))
    assert answer == Answer("", "", "Groq: its address or its key cannot be used")


async def test_an_answer_with_a_fault_is_not_taken() -> None:
    """The next one is asked; if that one's has a fault too, there is none."""
    with model_server(completion(SAID)) as first, model_server(ollama(SAID)) as second:
        answer = await asked_once(Chain([hosted("Groq", first), local(second)], clock=Clock()), fault="it is wrong")
    assert answer == Answer("", "", "Groq: it is wrong; Ollama: it is wrong")


@pytest.mark.parametrize(
    ("reply", "rest_s"),
    [
        (Reply(429, headers=(("Retry-After", "7"),)), 7),
        (Reply(429, headers=(("Retry-After", "9" * 5_000),)), 60),
        (Reply(429), 60),
        (Reply(402), 3600),
        (Reply(404), 3600),
    ],
)
async def test_who_refuses_is_let_alone_for_as_long_as_it_asks(reply: Reply, rest_s: int) -> None:
    """It is not asked again a moment before, and is a moment after."""
    clock = Clock()
    async with groq(reply, completion(SAID), clock=clock) as (chain, server):
        assert (await asked(chain)).text == ""
        clock.now = rest_s * 1_000_000_000 - 1
        assert (await asked(chain)).note == "Groq: rests"
        clock.now += 1
        assert (await asked(chain)).text == SAID
        assert len(server.asked) == 2


async def test_three_failures_in_a_row_give_a_rest() -> None:
    """Two do not."""
    async with groq(Reply(500), clock=Clock()) as (chain, _):
        notes = [(await asked(chain)).note for _ in range(4)]
    assert notes == ["Groq: HTTP 500"] * 3 + ["Groq: rests"]


async def test_a_provider_is_asked_so_many_times_an_hour() -> None:
    """And again when the first of them is an hour ago."""
    clock = Clock()
    async with groq(completion(SAID), clock=clock) as (chain, _):
        for _ in range(CALLS_PER_HOUR):
            assert (await asked(chain)).text
        assert (await asked(chain)).note == "Groq: was asked 60 times within an hour"
        clock.now = 3_600 * 1_000_000_000
        assert (await asked(chain)).text == SAID


async def test_all_together_have_a_budget() -> None:
    """However many wait for an answer."""
    with model_server(Reply(waits=True)) as server:
        providers = [hosted(name, server) for name in ("Groq", "Hugging Face")]
        answer = await asked_once(Chain(providers, clock=Clock(), timeout_s=5.0, budget_s=0.1))
    assert answer == Answer("", "", "no time is left")
