"""What a process is before it runs: which services it has, where it is found, and the exchanges that obey its log.

Rule 1. A plan that cannot be run is refused before anything is opened, with the variable to set.
Rule 2. What the configuration has and the log has not is for one process to add: of each shard its matcher.
"""
