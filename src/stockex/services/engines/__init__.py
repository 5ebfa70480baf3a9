"""What obeys the log for a matcher: one exchange, on the plain book or on two.

Rule 1. A matcher asks for entries of records, and for the state. Which book a command ran on is the engine's business.
Rule 2. All engines give the same bytes, entries and states alike: a data folder may be opened with any of them.
Rule 3. Only `changing` and `machine_code` may need the extra `fast`, and they ask for it when they are called.
"""
