"""Who writes random commands, sensible and hostile, to see whether the exchange keeps its word.

Rule 1. A seed gives the same commands on every machine.
Rule 2. The orders of a script meet: accounts, symbols and prices are few, and replacements and cancels find an order.
Rule 3. A new command, term or setting is written here too; what no author writes, no comparison has seen.
"""
