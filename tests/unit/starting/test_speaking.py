"""Which models are asked, in which order, and what becomes of their words on a log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from unit.adapters.llm.model_server import model_server, ollama
from web.floor import Floor

from stockex.adapters.settings import Settings
from stockex.messages.codec import decode_record
from stockex.messages.market_data import Insight
from stockex.messages.topics import Topic
from stockex.services.analyst.analyst import FIRST, Analyst
from stockex.starting.speaking import speaker_of


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """Return a running exchange in which ten ALPHA changed hands."""
    async with Floor(tmp_path).running() as floor:
        yield floor


async def insight_of(floor: Floor, settings: Settings) -> Insight:
    """Return the first insight of an analyst with these settings."""
    speaker = speaker_of(settings, say=lambda _: None)
    analyst = Analyst(floor.bus, floor.market, floor.house, clock=floor.clock, interval_s=120, speaker=speaker)
    floor.recorder.listen(analyst.hear)
    await analyst.begin()
    for user, side in (("CLIENT1", "sell"), ("USR01", "buy")):
        await floor.place(user, f"{side} 10 ALPHA 25.20")
    floor.clock.pass_s(FIRST / 1_000_000_000)
    await analyst.step()
    if speaker is not None:
        await speaker.aclose()
    insight = decode_record((await floor.bus.last(Topic.AI_INSIGHTS))[0])
    assert isinstance(insight, Insight)
    return insight


async def test_a_models_words_enter_the_log(floor: Floor) -> None:
    """Under its name, over the sentences that were computed; whoever reads the log reads the same."""
    said = "ALPHA gained 1.00% to 25.20 as EUR 252 changed hands."
    with model_server(ollama(said)) as server:
        insight = await insight_of(floor, Settings(ollama_host=server.url))
    assert (insight.text, insight.source, insight.note) == (said, "Ollama/llama3.1:8b", "")
    assert insight.statements[0].text == "ALPHA gained most: +1.00% to 25.20 in 1 trade."


async def test_words_with_a_number_of_their_own_do_not(floor: Floor) -> None:
    """The sentences stand as they were computed, and the note says why."""
    with model_server(ollama("ALPHA gained 7.00% to 25.20, and more will follow.")) as server:
        insight = await insight_of(floor, Settings(ollama_host=server.url.removeprefix("http://")))
    assert insight.source == "rules"
    assert insight.text.startswith("ALPHA gained most: +1.00% to 25.20 in 1 trade.")
    assert insight.note == "Ollama: its number 7.00 is not among the figures"


def test_groq_comes_before_hugging_face_before_ollama() -> None:
    """As far as each is configured; nobody is, and nothing is said, without a key or a host. Keys are not shown."""
    said: list[str] = []
    assert speaker_of(Settings(), say=said.append) is None
    settings = Settings.model_validate(
        {"OLLAMA_HOST": "localhost:11434", "HF_TOKEN": "hf_secret", "GROQ_API_KEY": "gsk_secret"}
    )
    assert speaker_of(settings, say=said.append) is not None
    [line] = said
    words = "Groq/llama-3.1-8b-instant, Hugging Face/meta-llama/Llama-3.1-8B-Instruct, Ollama/llama3.1:8b"
    assert line == f"analyst    in the words of {words}"
    assert "secret" not in repr(settings)
