"""Kills under load: the whole exchange dies again and again while others trade with it, and its books are audited.

Rule 1. The exchange, those who load it and the one who audits it are processes of their own: none dies with another.
Rule 2. Whoever loads writes down every answer. What had none is sent again with the same client id.
Rule 3. The auditor believes the log only: it replays it by itself and compares what it finds with every answer.
"""
