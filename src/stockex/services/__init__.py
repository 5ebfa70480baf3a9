"""The shells that carry records to the core and from it, one short file each.

Rule 1. A service reads topics and appends to topics; it never calls another service.
Rule 2. What it decides is decided in the core; it only waits, reads the clock and moves bytes.
Rule 3. A service may die at any moment: what it had not appended did not happen.
"""
