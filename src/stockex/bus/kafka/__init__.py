"""The log on Apache Kafka: a topic of one partition for each of ours, written in transactions.

Rule 1. What waits together is one transaction, a *group*; its records say how many it has in each topic.
Rule 2. A group names what it comes after: how far its writer knew each topic. Readers merge topics by that alone.
Rule 3. Readers see committed records only, and a group whole.
Rule 4. A writer has a name. Whoever opens the log under the same name later fences the earlier one for good.
Rule 5. A record that somebody else wrote, without our headers, is a group of its own.
"""
