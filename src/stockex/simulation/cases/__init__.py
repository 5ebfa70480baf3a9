"""Worked examples of venues' rules, as files of cases: read, played on the exchange, judged, and told with reasons.

Rule 1. A case is compared in what it names and in nothing else.
"""
