"""Rules on the gateway's wire: what `core.fix.powers` decides is done here, at its time.

Rule 1. Without rules a line is written to as ever.
Rule 2. What waits leaves in its order, and a connection that ends takes nothing else with it.
"""
