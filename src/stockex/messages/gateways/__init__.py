"""What gateways must remember beyond commands and facts.

Rule 1. Only what does not follow from the other topics is written here.
Rule 2. It is appended together with the commands that it belongs to, so that a crash leaves both or neither.
"""
