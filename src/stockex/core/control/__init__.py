"""Market control: what the operator and the gateways do about orders, trades and phases.

Rule 1. Whoever is killed has no open order and enters none until released (docs/rules/control.md, CTL-01 to CTL-04).
Rule 2. Cancelling for somebody is like cancelling by oneself: oldest first, a fact for each order, in any phase.
Rule 3. Everything here goes by the desk; what it takes to decide stands in the exchange's own state.
"""
