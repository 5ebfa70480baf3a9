"""Providers one after the other, until one gives an answer that is accepted."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from stockex.adapters.llm.providers import Provider

if TYPE_CHECKING:
    import httpx

LARGEST: Final = 256 * 1024
"""An answer of more bytes is none."""

CALLS_PER_HOUR: Final = 60
"""How often one provider is asked at most."""

Clock = Callable[[], int]
"""The time, in nanoseconds."""

_S: Final = 1_000_000_000
_HOUR: Final = 3_600 * _S
_REST_S: Final = 60
_LONGEST_REST_S: Final = 3_600
_FAILURES: Final = 3
_DIGITS: Final = 9
"""Of a number of more digits nobody means the seconds."""

_OFF: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""Wrong key, no money, no such model: asking again soon is of no use."""


class Answer(NamedTuple):
    """What was said, by whom, and why others said nothing. Without an answer text and source are empty."""

    text: str
    source: str
    note: str


class _Refused(Exception):
    """A provider gives no answer. `rest_s`: for how long it is not to be asked; 0: it may fail again."""

    def __init__(self, why: str, *, rest_s: int = 0) -> None:
        super().__init__(why)
        self.rest_s = rest_s


@dataclass
class _Desk:
    """A provider with what is remembered of it."""

    provider: Provider
    asked: deque[int] = field(default_factory=deque)
    failures: int = 0
    rests_until: int = 0

    def refusal(self, now: int) -> str | None:
        """Return why it is not asked now, None if it may be."""
        while self.asked and self.asked[0] <= now - _HOUR:
            self.asked.popleft()
        if now < self.rests_until:
            return "rests"
        return f"was asked {CALLS_PER_HOUR} times within an hour" if len(self.asked) >= CALLS_PER_HOUR else None

    def failed(self, now: int, rest_s: int) -> None:
        """Remember that it gave no answer."""
        self.failures += 1
        if self.failures >= _FAILURES:
            rest_s = max(rest_s, _REST_S)
        if rest_s:
            self.failures, self.rests_until = 0, now + min(rest_s, _LONGEST_REST_S) * _S


class Chain:
    """Ask providers in their order. `timeout_s` bounds each of them, `budget_s` all of them together."""

    def __init__(
        self, providers: Sequence[Provider], *, clock: Clock, timeout_s: float = 10.0, budget_s: float = 20.0
    ) -> None:
        self._desks = [_Desk(provider) for provider in providers]
        self._clock = clock
        self._timeout_s = timeout_s
        self._budget_s = budget_s
        self._client: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def answer(self, system: str, facts: str, *, fault_in: Callable[[str], str | None]) -> Answer:
        """Return the first answer in which `fault_in` finds nothing wrong."""
        notes: list[str] = []
        if self._client is None:
            self._client = await asyncio.to_thread(_client, self._timeout_s)
        try:
            async with asyncio.timeout(self._budget_s):
                for desk in self._desks:
                    said = await self._asked(desk, desk.provider.request(system, facts), notes=notes)
                    fault = fault_in(said) if said is not None else None
                    if said is not None and fault is None:
                        return Answer(said, desk.provider.source, "; ".join(notes))
                    notes += [f"{desk.provider.name}: {fault}"] if fault is not None else []
        except TimeoutError:
            notes.append("no time is left")
        return Answer("", "", "; ".join(notes))

    async def _asked(self, desk: _Desk, body: bytes, *, notes: list[str]) -> str | None:
        """Return what one provider said; None, and a note, if it said nothing."""
        now, name = self._clock(), desk.provider.name
        if (refusal := desk.refusal(now)) is not None:
            notes.append(f"{name}: {refusal}")
            return None
        desk.asked.append(now)
        try:
            async with asyncio.timeout(self._timeout_s):
                said = await self._posted(desk.provider, body)
        except _Refused as refused:
            desk.failed(now, refused.rest_s)
            notes.append(f"{name}: {refused}")
            return None
        except TimeoutError:
            desk.failed(now, 0)
            notes.append(f"{name}: no answer within {self._timeout_s:g} s")
            return None
        desk.failures = 0
        return said

    async def _posted(self, provider: Provider, body: bytes) -> str:
        """Return a provider's answer. Raises: _Refused; TimeoutError."""
        import httpx  # noqa: PLC0415 (an extra; and a start does not wait for it)

        assert self._client is not None, "it is made before anybody is asked"
        asking = self._client.stream("POST", provider.address, headers=provider.headers, content=body)
        try:
            async with asking as response:
                if response.status_code != HTTPStatus.OK:
                    rest_s = _rest_of(response.status_code, response.headers.get("retry-after", ""))
                    raise _Refused(f"HTTP {response.status_code}", rest_s=rest_s)
                parts, size = [], 0
                async for part in response.aiter_bytes():
                    size += len(part)
                    if size > LARGEST:
                        raise _Refused(f"its answer is longer than {LARGEST} bytes")
                    parts.append(part)
                return provider.text_in(b"".join(parts))
        except httpx.TimeoutException as error:
            raise TimeoutError from error
        except httpx.HTTPError as error:
            raise _Refused(type(error).__name__) from error
        except (msgspec.MsgspecError, RecursionError) as error:
            raise _Refused("its answer cannot be read") from error
        except (httpx.InvalidURL, UnicodeError, ExceptionGroup) as error:  # a port beyond all ports is in a group
            raise _Refused("its address or its key cannot be used", rest_s=_LONGEST_REST_S) from error


def _client(timeout_s: float) -> "httpx.AsyncClient":
    """Return a client; that takes a while, the first time longer."""
    import httpx  # noqa: PLC0415 (as above)

    return httpx.AsyncClient(timeout=timeout_s)


def _rest_of(status: int, retry_after: str) -> int:
    """Return for how many seconds a provider that answered with this status is not asked."""
    if status in _OFF:
        return _LONGEST_REST_S
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        is_number = retry_after.isdecimal() and len(retry_after) <= _DIGITS
        return max(int(retry_after), 1) if is_number else _REST_S
    return 0
