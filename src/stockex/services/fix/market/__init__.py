"""The market to those sessions that ask for it.

Rule 1. Reports wait for nothing of it but the record of its numbers, on their own session.
Rule 2. It comes from the views of this process, after they have taken in the facts.
"""
