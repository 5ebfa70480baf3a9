"""Price-time priority matching.

Rule 1. A better price trades first; at one price the older order does (docs/rules/trading.md, TRD-01, TRD-02).
Rule 2. A trade happens at the resting order's price.
Rule 3. An incoming order is matched wholly before the next command is looked at.
Rule 4. `plain` is the specification: readable first. Any faster book must write the same facts, byte for byte.
"""
