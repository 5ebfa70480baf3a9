"""The whole exchange in one process, under a virtual clock and one seed, while everything fails that may fail.

Rule 1. The services are the real ones; simulated are only time, the log, the disk, the network and the clients.
Rule 2. The same seed gives the same run, to the byte: nothing here reads a clock, starts a thread or asks the system.
Rule 3. A process that is killed has no effect from that step on, but for what it had handed to the log before.
Rule 4. The oracle knows only what the log holds and what clients were told; it never looks into a service to decide.
"""
