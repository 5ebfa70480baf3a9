"""The lease: which of several processes leads, so that it alone writes. A topic of its own says so, and nothing else.

Rule 1. Who leads follows from the topic's records in their order, for every reader alike; no clock has a part in it.
Rule 2. A claim names the newest record that its author had read. A sign of life that came in between makes it void.
Rule 3. Time only says when to claim. Each process counts silence by its own monotonic clock, since it heard a sign.
Rule 4. A leader is sure of itself for a shorter time after it sent a beat than others wait after they heard it.
Rule 5. Whoever leads fences the writer before it, looks once more whether it still leads, and only then writes.
"""
