"""Why things happened: each fact in plain words, with the figures and the numbers of the rules.

Rule 1. An explanation follows from the exchange before a command and from the facts that the command caused.
Rule 2. Nothing here changes an exchange; what goes by is followed on a copy.
Rule 3. Every sentence cites a rule that stands in docs/rules.
Rule 4. A sentence with an account's own figures names the account; only public figures stand in the others.
Rule 5. A kind of fact that is not known here gets a plain sentence; nothing fails.
"""
