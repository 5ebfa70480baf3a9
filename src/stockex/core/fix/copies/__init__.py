"""What sessions are told that enter no orders: copies of reports, and trades for clearing.

Rule 1. A copy says what its original says, whichever way the order came.
Rule 2. Like its original it is made of facts, so its number follows from the log.
Rule 3. Nobody is told of an account that the session was not given.
"""
