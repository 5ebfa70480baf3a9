"""The client of a FIX venue: connects, logs on, sends, and tells what it hears.

Rule 1. What happens in a session decides `core.fix`; here are the socket, the clock and the listeners.
Rule 2. Whoever uses it hears everything in its order: bytes, messages, what became of the session.
Rule 3. It waits for a venue, never for its own listeners: they return at once.
"""
