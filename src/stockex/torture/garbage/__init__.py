"""Garbage on every topic: the exchange passes over it, trades on, and says how much there was and why it is none.

Rule 1. Whoever writes it has no part in the exchange: between two lives of an embedded log, beside it on Kafka.
Rule 2. None of it is a command or a fact that may be believed, so every single record must be accounted for.
Rule 3. One seed gives the same garbage from the same log.
"""
