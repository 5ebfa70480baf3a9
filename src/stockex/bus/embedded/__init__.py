"""The embedded log's file: a SQLite database, its write-ahead log, and beside them a lock that bears a mark.

    log.db           every record with its seal, a checksum over all of it
    log.db-wal       the newest commits, until SQLite moves them into the file
    log.db.lock      who writes; and the mark: how many records were acknowledged, at least

Rule 1. A record is read only if its seal fits and its offset is the next one; anything else is `LogDamaged`, with the
        place. What is lost at the end shows by the mark, what is lost between by the offsets.
Rule 2. A damaged log is not opened for writing: SQLite would keep what it can read of the write-ahead log and drop the
        rest.
Rule 3. A file of every released version is read; writing one brings it to the newest version.
"""
