"""Batches on the plain engine: the specification of the compiled one, with the same arrays in and out.

Rule 1. Whatever `compiled.engine` gives for a batch, `PlainEngine` gives too, record by record.
Rule 2. It says so by running the exchange itself: there are no rules here.
"""
