"""Pre-trade risk: what each account owns, what its open orders hold, what is free.

Rule 1. Balances and reservations follow from facts alone; the check before matching only reads them.
Rule 2. An open buy holds its leaves times its limit; an open sell holds its leaves (docs/rules/risk.md).
Rule 3. Nothing free, no order: no account can spend or sell what it does not have.
"""
