"""The session layer of FIX 4.4 for both roles, without sockets and clocks.

Rule 1. What happens in which state stands in one table (`table.TRANSITIONS`); the rest carries its actions out.
Rule 2. A call takes what happened and the time; it returns outputs, to be done in their order.
Rule 3. The new numbers come before the bytes that use them, so that a store never falls behind the wire.
Rule 4. The work for one input has a bound: what is asked for again goes out in pieces.
"""
