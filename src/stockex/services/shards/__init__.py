"""Several matchers on one log, each with its symbols, and one who puts together what they tell.

Rule 1. All read the same `orders` in the same order. A shard obeys what is for it, and tells it in its own topics.
Rule 2. The collator publishes, command by command, the facts of whoever obeyed it. Readers know nothing of shards.
Rule 3. Where the collator stands, the log says, as with any matcher: byte for byte, and nothing else counts.
"""
