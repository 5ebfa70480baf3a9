"""An event loop without a clock, threads or sockets: time is virtual, and dice choose which ready callback runs next.

Nothing takes time but waiting. Whatever else a service asks the loop for raises NotImplementedError.
"""

import asyncio
from asyncio import events
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from typing import Final, TypeVar, TypeVarTuple

from stockex.core.dice import Dice

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MOST_STEPS_AT_ONCE: Final = 100_000
"""So many callbacks in a row without time passing are a busy wait that never ends."""


class Owner:
    """Whose callback it is. Callbacks of one that is paused wait."""

    paused_until = 0.0


OWNER: Final[ContextVar[Owner | None]] = ContextVar("owner", default=None)
"""The process whose code runs; None for the world's own."""


class _Call(asyncio.TimerHandle):
    """A callback with its owner."""

    __slots__ = ("owner",)

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        *args: object,
        loop: "WorldLoop",
        context: Context,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self.owner = context.get(OWNER)


class _Future(asyncio.Future[T]):
    """A future that stands in every set at the same place in every run: its hash is a number, not an address."""

    def __init__(self, number: int, *, loop: "WorldLoop") -> None:
        super().__init__(loop=loop)
        self._number = number

    def __hash__(self) -> int:
        return self._number


class _Task(asyncio.Task[T]):
    """A task that stands in every set at the same place in every run."""

    def __init__(
        self,
        coro: Coroutine[object, object, T],
        number: int,
        *,
        loop: "WorldLoop",
        context: Context | None,
    ) -> None:
        self._number = number
        super().__init__(coro, loop=loop, context=context)

    def __hash__(self) -> int:
        return self._number


class WorldLoop(asyncio.BaseEventLoop):
    """Runs callbacks in an order that follows from its dice alone.

    Attributes:
        steps: How many callbacks have run.
    """

    def __init__(self, dice: Dice) -> None:
        super().__init__()
        self.set_exception_handler(self._note)
        self.steps = 0
        self._dice = dice
        self._now = 0.0
        self._ready: list[_Call] = []
        self._timers: list[tuple[float, int, _Call]] = []
        self._timed = self._made = 0
        self._moved_at = 0
        self._traps: list[tuple[int, Callable[[], object]]] = []
        self._fault: BaseException | None = None
        self._tasks: list[asyncio.Task[object]] = []

    def run(self, main: Coroutine[object, object, None]) -> BaseException | None:
        """Run until `main` has ended; return what it or a callback raised, also that nothing can happen any more."""
        events._set_running_loop(self)  # noqa: SLF001 (its way to make a loop)
        task = self.create_task(main)
        while self._fault is None and not task.done():
            self._step()
        fault = self._fault or task.exception()
        self._bury()
        events._set_running_loop(None)  # noqa: SLF001
        return fault

    def _bury(self) -> None:
        """Let every task end that is still there, so that none is left to the garbage collector."""
        left = [task for task in self._tasks if not task.done()]
        for task in left:
            task.cancel()
        for _ in range(MOST_STEPS_AT_ONCE):
            if all(task.done() for task in left) or not (self._ready or self._timers):
                break
            self._step()

    def after_steps(self, steps: int, callback: Callable[[], object]) -> None:
        """Call `callback` when so many callbacks more have run, wherever the others are by then."""
        self._traps.append((self.steps + steps, callback))
        self._traps.sort(key=lambda trap: trap[0])

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback at any time from now on, before time passes."""
        call = _Call(self._now, callback, *args, loop=self, context=copy_context() if context is None else context)
        self._ready.append(call)
        return call

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback in so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback at a virtual instant."""
        call = _Call(when, callback, *args, loop=self, context=copy_context() if context is None else context)
        self._wait(call, when)
        return call

    def create_future(self) -> "asyncio.Future[T]":
        """Return a new future."""
        self._made += 1
        return _Future(self._made, loop=self)

    def create_task(
        self,
        coro: Generator[object, None, T] | Coroutine[object, object, T],
        *,
        name: object = None,
        context: Context | None = None,
        **_more: object,
    ) -> asyncio.Task[T]:
        """Start a task, which needs no name; its first step runs later."""
        del name
        assert isinstance(coro, Coroutine)
        self._made += 1
        task = _Task(coro, self._made, loop=self, context=context)
        self._tasks.append(task)
        return task

    def run_in_executor(self, executor: object, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run what would run in a thread, in one piece, a little later."""
        del executor
        return self.create_task(self._later(func, *args))

    async def _later(self, func: Callable[[*Ts], T], *args: *Ts) -> T:
        await asyncio.sleep(self._dice.integer(0, 20) / 1_000)
        return func(*args)

    def get_debug(self) -> bool:
        """Say no: asyncio's own checks take wall time."""
        return False

    def _note(self, _loop: object, context: dict[str, object]) -> None:
        """Remember what a callback raised, so that the run ends with it."""
        fault = context.get("exception")
        if "handle" in context and isinstance(fault, BaseException):
            self._fault = fault

    def is_closed(self) -> bool:
        """Say yes while it does not run: there is nothing to close."""
        return not self.is_running()

    def is_running(self) -> bool:
        """Say whether it runs."""
        return events._get_running_loop() is self  # noqa: SLF001

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: a cancelled timer is passed over when its time comes."""

    def _wait(self, call: _Call, when: float) -> None:
        self._timed += 1
        heappush(self._timers, (when, self._timed, call))

    def _step(self) -> None:
        """Run one callback, or let time pass until there is one."""
        if not self._ready:
            if not self._timers:
                self._fault = AssertionError("nothing can happen any more")
                return
            if self._timers[0][0] > self._now:
                self._now, self._moved_at = self._timers[0][0], self.steps
        while self._timers and self._timers[0][0] <= self._now:
            self._ready.append(heappop(self._timers)[2])
        last = len(self._ready) - 1
        place = self._dice.integer(0, last) if last else 0
        call = self._ready[place]
        self._ready[place] = self._ready[last]
        self._ready.pop()
        if call.owner is not None and call.owner.paused_until > self._now:
            self._wait(call, call.owner.paused_until)
            return
        if not call.cancelled():
            self.steps += 1
            call._run()  # noqa: SLF001 (its way to make a loop)
            if self.steps - self._moved_at > MOST_STEPS_AT_ONCE:
                self._fault = AssertionError("callbacks run for ever, and no time passes")
        while self._traps and self._traps[0][0] <= self.steps:
            self._traps.pop(0)[1]()
