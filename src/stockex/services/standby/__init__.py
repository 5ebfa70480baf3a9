"""Several matchers on one log: one is active, the others follow and one of them takes over when it is silent.

Rule 1. A standby obeys a command once its facts are in the log: its state owes the log nothing.
Rule 2. Whoever takes over has fenced the one before; only then it looks which commands lack their facts.
Rule 3. It publishes those, opens what is not open yet, and goes on as if it had been there all the time.
"""
