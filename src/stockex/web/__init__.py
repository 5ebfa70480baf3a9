"""One ASGI application: pages, REST and one Server-Sent Events stream.

Rule 1. A request is checked for its form and its sender, appended to `orders`, and answered from the facts.
Rule 2. What pages show are projections of the log; what the stream carries is encoded once for all.
Rule 3. Market data is conflated, latest wins; trades and a person's own orders and fills never are.
"""
