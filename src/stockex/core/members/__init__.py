"""How the members that no person has taken over decide what to trade.

Rule 1. A strategy is a pure function of what the member owns, what the market shows, and chance.
Rule 2. It trades what is there to be traded: it buys at the ask and sells at the bid.
Rule 3. It never asks for more than the member has free; the engine would refuse it.
Rule 4. Holding is a decision too, and every decision says why.
"""
