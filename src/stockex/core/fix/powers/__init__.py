"""The powers of a test venue: to misbehave on command, so that clients learn to live with it.

Rule 1. Rules are data: which messages, how often, and what then. A seed and the messages decide; nothing else does.
Rule 2. What concerns the wire happens between session and socket: the session itself stays right, and so does its log.
Rule 3. What concerns orders is done by commands: a fill or a bust that a rule brings about is one in the log.
Rule 4. Without rules nothing is touched, and nothing is looked at.
"""
