"""Batches on the plain book, with the arrays of the compiled one in and out.

Rule 1. Whatever `compiled.engine` gives for a batch, `PlainEngine` gives too, record by record: the specification.
Rule 2. It says so by running the exchange itself: there are no rules there.
Rule 3. `LeanEngine` gives the same without a message for a command or a fact, ten times as fast.
"""
