"""Time is virtual, the order follows from the seed, and nobody waits for ever unseen."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from itertools import count

import pytest

from stockex.core.dice import Dice
from stockex.simulation.world.loop import OWNER, Owner, WorldLoop


def ran(main: Coroutine[object, object, None], seed: int = 1) -> WorldLoop:
    """Run a coroutine to its end on a loop of its own."""
    loop = WorldLoop(Dice(seed))
    assert loop.run(main) is None
    return loop


def order_of(seed: int) -> list[int]:
    """Return the order in which ten tasks run that are ready at the same time."""
    order: list[int] = []

    async def work(number: int) -> None:
        order.append(number)

    async def main() -> None:
        await asyncio.gather(*map(work, range(10)))

    ran(main(), seed)
    return order


def test_the_order_of_what_is_ready_follows_from_the_seed() -> None:
    """The same for the same seed, others for others, and nobody is left out."""
    orders = [order_of(seed) for seed in range(5)]
    assert orders == [order_of(seed) for seed in range(5)]
    assert len({tuple(order) for order in orders}) == 5
    assert all(sorted(order) == list(range(10)) for order in orders)


def test_waiting_takes_virtual_time_only() -> None:
    """A week passes at once, and what is due first runs first."""
    order: list[str] = []

    async def work(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async def main() -> None:
        await asyncio.gather(work("late", 7 * 86_400), work("soon", 0.001))

    assert ran(main()).time() == 7 * 86_400
    assert order == ["soon", "late"]


def test_what_would_run_in_a_thread_runs_here() -> None:
    """It gives its result, and its fault, to whoever waits."""

    async def main() -> None:
        assert await asyncio.to_thread(int, "12") == 12
        with pytest.raises(ValueError, match="twelve"):
            await asyncio.to_thread(int, "twelve")

    ran(main())


def test_a_paused_owner_waits_and_the_others_do_not() -> None:
    """Its callbacks run when the pause is over."""
    owner, told = Owner(), dict[str, float]()
    owner.paused_until = 5.0
    context = copy_context()
    context.run(OWNER.set, owner)

    async def work(name: str) -> None:
        await asyncio.sleep(1)
        told[name] = asyncio.get_running_loop().time()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.gather(loop.create_task(work("paused"), context=context), work("free"))

    ran(main())
    assert told == {"paused": 6.0, "free": 1.0}


def test_a_trap_springs_after_so_many_steps() -> None:
    """In between the callbacks of whoever is running."""
    steps: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WorldLoop)
        begun = loop.steps
        loop.after_steps(7, lambda: steps.append(loop.steps - begun))
        loop.after_steps(3, lambda: steps.append(loop.steps - begun))
        for _ in range(20):
            await asyncio.sleep(0)

    ran(main())
    assert steps == [3, 7]


def test_what_a_callback_raises_ends_the_run() -> None:
    """A task keeps its faults for whoever waits; a callback has nobody else."""

    async def main() -> None:
        asyncio.get_running_loop().call_later(1, int, "x")
        await asyncio.sleep(2)

    assert isinstance(WorldLoop(Dice(1)).run(main()), ValueError)


def test_a_standstill_is_found() -> None:
    """Nobody will ever wake who waits."""

    async def main() -> None:
        await asyncio.Event().wait()

    assert str(WorldLoop(Dice(1)).run(main())) == "nothing can happen any more"


def test_a_busy_wait_is_found() -> None:
    """Callbacks without end while no time passes."""

    async def main() -> None:
        for _ in count():
            await asyncio.sleep(0)

    assert "no time passes" in str(WorldLoop(Dice(1)).run(main()))


def test_no_task_is_left_behind() -> None:
    """Those that still wait at the end are cancelled, so that their last words are said."""
    said: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            said.append("goodbye")

    async def main() -> None:
        asyncio.get_running_loop().create_task(work())
        await asyncio.sleep(1)

    assert ran(main()).time() < 100
    assert said == ["goodbye"]
