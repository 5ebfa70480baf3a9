"""The market over FIX: what a session asks about it, answered from views of facts, without sockets and clocks.

Rule 1. An answer says what the market is now; between two of them changes are conflated, but for trades.
Rule 2. What a session watches ends with its connection; nothing of it is stored.
Rule 3. What the market has not is refused with its reason, never passed over in silence.
"""
