"""The exchange on several matchers: each obeys the commands of its symbols, and together they tell what one would.

Rule 1. A command that names a symbol is obeyed by the shard of that symbol alone; to the others it is as if not there.
Rule 2. Any other command is obeyed by all of them and told once: what each says of its own symbols, in turn.
Rule 3. Cash that enters an account is split evenly; no shard can spend what another one has.
Rule 4. All of it follows from the commands and the number of shards. No shard ever asks another one.
"""
