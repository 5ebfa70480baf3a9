"""Time, by two clocks. On a machine that has other things to do, the processor's is the one that compares.

As in `timeit`, Python looks for no garbage while a watch runs: whoever made many objects before would be paying for it.
"""

import gc
from time import perf_counter, process_time


class Stopwatch:
    """Adds up what runs under it: seconds on the wall, and seconds of processor time of all threads of this process."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0

    def __enter__(self) -> None:
        gc.disable()
        self.seconds -= perf_counter()
        self.cpu -= process_time()

    def __exit__(self, *_: object) -> None:
        self.cpu += process_time()
        self.seconds += perf_counter()
        gc.enable()

    def told(self) -> dict[str, float]:
        """Return both sums."""
        return {"seconds": self.seconds, "cpu": self.cpu}
