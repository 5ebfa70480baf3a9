"""The clearing house: who owns what, what it cost, what it is worth, and the settlement of each day.

Rule 1. Every trade becomes two legs against the house, which ends flat (CLR-01).
Rule 2. Nothing appears or vanishes: over all accounts cash and each symbol's shares sum to zero (CLR-02).
Rule 3. Whole units only; a division keeps its remainder where it was (CLR-03).
Rule 4. A fact counts once, however often it is fed (CLR-09).
Rule 5. The house follows the log and never changes the engine's mind: risk is checked before the trade.
"""
