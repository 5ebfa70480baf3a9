"""The one stream of Server-Sent Events.

Rule 1. An event is encoded once and fanned out as bytes; nobody else's order or fill is ever among them.
Rule 2. Trades, orders, fills and session changes are replayed after a drop, each exactly once.
Rule 3. Market data is conflated: only the newest state of a thing waits for a slow reader.
Rule 4. A reader costs bounded memory; one that does not read is cut.
"""
