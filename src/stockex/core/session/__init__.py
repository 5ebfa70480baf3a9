"""The trading session: its phases and who may do what in each.

Rule 1. One table holds every transition; what it does not hold is refused (docs/rules/session.md, SES-03).
Rule 2. Cancels are obeyed in every phase; new orders and replacements only while trading is open (SES-01, SES-02).
"""
