"""All machine code of a market on the compiled book, in shares that several processes can make at the same time.

A share calls its functions as a market does, with tables in which there is next to nothing. Numba takes from the disk
what is kept there, makes the rest, and keeps it.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from stockex.core.matching.compiled.lending.lender import Lender, rows_for
from stockex.core.matching.compiled.lending.looking import numbers_of, take_out
from stockex.core.matching.compiled.lending.running import Runner
from stockex.core.matching.compiled.records import COMMAND, FACT, LEVEL
from stockex.core.matching.compiled.tables import WIDEST, Ran, zeros
from stockex.core.matching.compiled.wire.texts import ACCOUNT, Texts


def _matching() -> None:
    lender = Lender(Texts(), is_open=True)
    number = lender.list_away(tick=1, lot=1)
    lender.take_over(number, rows_for(1), places=1, last=None)
    take_out(lender, number, account=0, side=None)
    lender.give_back(number)
    lender.run(zeros(COMMAND, 0))


def _reading() -> None:
    runner = Runner(is_open=True, remembered=1)
    batch = runner.read(b"\n{}", 0)
    runner.survey(batch, 0, at=0, due=WIDEST)
    runner.texts.found(ACCOUNT, "")
    numbers_of([""], [ACCOUNT], texts=runner.texts)
    runner.texts.forget(np.zeros(len(runner.texts.arrays.owners), np.bool_))


def _writing() -> None:
    runner = Runner(is_open=True, remembered=1)
    runner.list_away("", tick=1, lot=1)
    facts = zeros(FACT, 1)
    facts["kind"] = LEVEL
    runner.tell(Ran(facts, 1, 0), zeros(COMMAND, 1))


SHARES: Final[Mapping[str, Callable[[], None]]] = {"matching": _matching, "reading": _reading, "writing": _writing}
"""What makes each share, the longest first."""
