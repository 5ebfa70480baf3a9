"""Which language models the analyst may ask."""

from collections.abc import Iterator
from importlib.util import find_spec

from stockex.adapters.clock import wall_clock
from stockex.adapters.llm.chain import Chain
from stockex.adapters.llm.providers import GROQ_URL, HUGGING_FACE_URL, Dialect, Provider
from stockex.adapters.settings import Settings
from stockex.services.analyst.speaking import Models
from stockex.starting.plan import Say


def speaker_of(settings: Settings, *, say: Say) -> Models | None:
    """Return who words the analyst's sentences: Groq, then Hugging Face, then Ollama, as far as they are configured.

    None: nobody is, or the extra `llm` is not installed, which is said.
    """
    providers = list(_providers(settings))
    if not providers:
        return None
    if find_spec("httpx") is None:
        say("analyst    rules only: language models need httpx, which the extra `llm` brings")
        return None
    say(f"analyst    in the words of {', '.join(provider.source for provider in providers)}")
    return Models(Chain(providers, clock=wall_clock))


def _providers(settings: Settings) -> Iterator[Provider]:
    if settings.groq_api_key is not None:
        yield Provider("Groq", settings.groq_model, GROQ_URL, settings.groq_api_key.get_secret_value())
    if settings.hf_token is not None:
        token = settings.hf_token.get_secret_value()
        yield Provider("Hugging Face", settings.hf_model, HUGGING_FACE_URL, token)
    if settings.ollama_host is not None:
        host = settings.ollama_host if "://" in settings.ollama_host else f"http://{settings.ollama_host}"
        yield Provider("Ollama", settings.ollama_model, host, dialect=Dialect.OLLAMA)
