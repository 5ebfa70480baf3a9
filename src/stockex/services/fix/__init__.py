"""The FIX gateway: sockets and the log around the sessions of `core.fix`.

Rule 1. Nothing leaves whose number could be another's after a crash: a message that no fact makes waits for its record.
Rule 2. A command and the number of the message that brought it are appended together.
Rule 3. A report leaves once its fact is in the log; nobody waits for a client that does not read.
"""
