"""FIX 4.4 as bytes and messages; the session is in `session`.

Rule 1. No socket, no clock: bytes and the time come as arguments, what is to be done goes out as values.
Rule 2. A frame that is not whole is skipped and counted; a whole one that is wrong is refused with reason and tag.
Rule 3. What the dictionary says is data. No message and no field has code of its own here.
Rule 4. Every buffer has a bound.
"""
