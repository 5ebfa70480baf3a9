"""Orders over FIX: messages to commands, facts to reports, without sockets and clocks.

Rule 1. A report says what a fact says: it is made of that fact and of the facts before it, and of nothing else.
Rule 2. So the reports of a session are a function of the log, and their numbers are one.
Rule 3. What breaks a rule of the market is for the engine to refuse; here only what cannot be said as a command is.
Rule 4. A term that the market has not is refused, never passed over in silence.
"""
