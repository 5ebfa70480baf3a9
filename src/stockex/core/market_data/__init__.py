"""What the public and each owner see of the market: projections of facts, and figures drawn from prices.

Rule 1. A projection changes only by `apply`; the same facts in the same order give the same state.
Rule 2. `load(dump())` is the projection again, to the last unit.
Rule 3. Nothing is invented: an empty side is None, a minute without a trade has no bar.
Rule 4. Cost stays flat: a fact costs O(1), and what is kept of the past is bounded.
Rule 5. Floats stand only in indicators, averages and percentages, never in a price.
"""
