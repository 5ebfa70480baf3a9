"""The powers of a test venue: to misbehave on command, so that clients learn to live with it.

Rule 1. Rules are data: which messages, how often, and what then. A seed and the messages decide; nothing else does.
Rule 2. What concerns the wire happens between session and socket: the session itself stays right, and so does its log.
Rule 3. A request that a rule refuses never was for the engine; nothing is reported that did not happen there.
Rule 4. Without rules nothing is touched, and nothing is looked at.
"""
