"""Days: short trading days, recorded and then replayed by other processes, which must find the same to the byte.

Rule 1. A day is made by the services of the exchange, on its embedded log; only the clock is one of ours.
Rule 2. Whoever replays is a process of its own, with hashes of its own: what depends on them differs, and is found.
"""
