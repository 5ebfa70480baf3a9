"""What a reader of the log believes. Others may write to a topic too: by mistake, or on purpose.

Rule 1. What is no message of its topic, or cannot be what it says, is passed over and counted with its reason.
Rule 2. Nothing that stands in a topic ends a reader, and a hundred thousand such records are a few lines in the logs.
Rule 3. Two readers of the same log pass over the same records.
"""
