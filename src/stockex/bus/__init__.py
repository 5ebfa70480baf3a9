"""The log: one contract, several backends, one suite of tests that all of them inherit.

Rule 1. `append` is all or nothing, over all topics of the batch, and returns only when the batch is durable.
Rule 2. A topic's offsets increase; gaps are allowed. `at` is stamped by the log and never decreases.
Rule 3. A reader sees what is durable, in order, and all of it; a slow reader never slows the writer.
Rule 4. What is cut is gone from its beginning on: a reader behind the cut gets LogCut, never a silent gap.
Rule 5. One process writes a log; a second one is refused.
"""
