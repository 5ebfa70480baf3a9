"""Where prices come from when nobody trades: the seed's five regimes as a seeded process.

Rule 1. Chance is an argument (`Dice`), so a seed gives the same day on every machine.
Rule 2. The fair price is finer than the tick; only quotes stand on the tick grid. So cheap securities move too.
Rule 3. Spread, distance between levels and sizes are relative to the price.
Rule 4. Bids stay below asks, and every price is at least one tick.
Rule 5. The maker quotes both sides; what crosses comes from another account, so that it may trade with the quotes.
"""
