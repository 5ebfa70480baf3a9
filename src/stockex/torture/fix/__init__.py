"""FIX under fire: mutated messages on the codec and on live sessions.

Rule 1. A mutant follows from a seed; what found something is done again by it.
Rule 2. Whatever comes in, every answer is sound by the dictionary, and the numbers of what we send have no gap.
Rule 3. At the end a sound message is understood, and the log brings every session back to the number that it had.
"""
