"""The exchange without a network, a clock or a screen: for tests, lessons and measurement.

Rule 1. The same input gives the same output, byte for byte; time comes from the input.
Rule 2. Nothing here is part of a running exchange.
"""
