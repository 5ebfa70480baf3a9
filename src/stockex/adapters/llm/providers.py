"""What is sent to each provider, and where its answer stands.

Sources: the references of Groq (chat completions), Hugging Face (Inference Providers) and Ollama (/api/chat).
"""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

GROQ_URL: Final = "https://api.groq.com/openai/v1"
HUGGING_FACE_URL: Final = "https://router.huggingface.co/v1"

MOST_TOKENS: Final = 300
"""How long an answer may be."""

_TEMPERATURE: Final = 0.2


class Dialect(StrEnum):
    """How a provider is spoken to."""

    CHAT_COMPLETIONS = "chat completions"
    """OpenAI's, which Groq and Hugging Face speak."""

    OLLAMA = "ollama"
    """Ollama's own."""


class Provider(NamedTuple):
    """Where a model is asked. `token` is "" where none is needed; it is sent to nobody else and never shown."""

    name: str
    model: str
    url: str
    token: str = ""
    dialect: Dialect = Dialect.CHAT_COMPLETIONS

    @property
    def source(self) -> str:
        """What an answer is signed with."""
        return f"{self.name}/{self.model}"

    @property
    def address(self) -> str:
        """Where the question goes."""
        return self.url.rstrip("/") + ("/api/chat" if self.dialect is Dialect.OLLAMA else "/chat/completions")

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def request(self, system: str, facts: str) -> bytes:
        """Return the request's body."""
        messages = [{"role": "system", "content": system}, {"role": "user", "content": facts}]
        body: dict[str, object] = {"model": self.model, "messages": messages, "stream": False}
        if self.dialect is Dialect.OLLAMA:
            body["options"] = {"temperature": _TEMPERATURE, "num_predict": MOST_TOKENS}
        else:
            body |= {"temperature": _TEMPERATURE, "max_tokens": MOST_TOKENS}
        return msgspec.json.encode(body)

    def text_in(self, body: bytes) -> str:
        """Return what the model said, in one line. Raises: msgspec.MsgspecError: the body is no answer."""
        if self.dialect is Dialect.OLLAMA:
            said = msgspec.json.decode(body, type=_OllamaAnswer).message.content
        else:
            choices = msgspec.json.decode(body, type=_Completion).choices
            said = choices[0].message.content if choices else None
        return " ".join((said or "").split())


class _Said(Struct):
    content: str | None = None


class _Choice(Struct):
    message: _Said


class _Completion(Struct):
    choices: list[_Choice]


class _OllamaAnswer(Struct):
    message: _Said
