"""The compiled book: price-time priority on flat arrays, for millions of orders a second.

Rule 1. `plain` is the specification. Whatever runs here gives the same facts, byte for byte.
Rule 2. Arrays in, arrays out (`records`): no Python object for an order, no call for a command.
Rule 3. What is rarely used is not here: the kernel stops before such a command, with nothing changed, and says so.
Rule 4. Only this package may import numpy and Numba (the extra `fast`).
"""
