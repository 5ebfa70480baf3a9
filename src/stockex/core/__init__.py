"""The exchange itself: pure functions and small state machines.

Rule 1. Nothing here waits, reads a clock, rolls dice of its own, opens a file or a socket, or logs.
Rule 2. State changes only by applying a message; the same messages give the same state and the same facts.
Rule 3. The parts do not know each other; they meet in `messages`, and `exchange` puts them together.
Rule 4. Whole numbers, except in indicators, features and regimes.
"""
