"""The analyst's sentences in a language model's words, if they may be believed."""

from collections.abc import Sequence
from functools import partial

from stockex.adapters.llm.chain import Chain
from stockex.core.analyst.prompt import ask, fault_in
from stockex.messages.market_data import Statement
from stockex.services.analyst.analyst import Worded


class Models:
    """A speaker: asks a chain of models. Their words hold no number that is not among the figures."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    async def words(self, statements: Sequence[Statement]) -> Worded:
        """As `Speaker` says."""
        question = ask(statements)
        answer = await self._chain.answer(
            question.system, question.facts, fault_in=partial(fault_in, statements=statements)
        )
        return Worded(answer.text, answer.source, answer.note)

    async def aclose(self) -> None:
        """As `Speaker` says."""
        await self._chain.aclose()
