"""The FIX screen: a FIX client for everybody who opens the page.

Rule 1. A visitor has a session of its own; two visitors never share one, nor a CompID at one venue.
Rule 2. What the page shows is what went over the wire, and what follows from it.
Rule 3. Where visitors may connect to is set; they cannot use this machine to reach other addresses.
Rule 4. A visitor costs bounded memory, and is logged out when the page has been closed for a while.
"""
