"""The routes, one module a subject: the versioned ones under /api/v1, and the seed's own with the seed's shapes.

Rule 1. A route reads a form, asks the parts or the gateway, and answers; it decides nothing.
Rule 2. Who acts is who is authenticated, never what a body says.
Rule 3. What changes the exchange is a command in the log, and is answered from the facts it caused.
"""
