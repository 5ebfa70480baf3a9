"""Torture: what the exchange promises to survive, done to it on purpose, as often as one likes.

Rule 1. Every trial follows from a seed, which is told, so that it can be done again.
Rule 2. A trial has one of three ends: the damage is found and named, it has no effect, or it is a failure.
Rule 3. Tests do a few trials of each kind, `stockex torture` does many; both run this code.
"""
