"""One instrument's market: its book, its phases, and what becomes of an order that is accepted.

Rule 1. `listing` is the state; the other modules act on it and write down what they did.
Rule 2. An incoming order is dealt with wholly (matching, residuals, pegs, stops) before the next is looked at.
Rule 3. What differs between venues is asked of `listing.rules`; nothing here knows a venue's name.
"""
