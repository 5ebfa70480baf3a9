"""The side of a FIX session that sends orders: what it asks for, and what it reads in the answers.

Rule 1. Pure, as all of the core: messages in, values out; the clock's time is an argument.
Rule 2. Orders and requests are the commands of `messages.orders`: nothing is an order here that is none elsewhere.
Rule 3. What is read is read leniently: a venue's own fields and its faults are shown, not refused.
"""
