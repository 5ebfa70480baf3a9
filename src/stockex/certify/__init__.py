"""Certification of FIX clients: a venue that plays scenarios, and judges how a client takes them.

Rule 1. A scenario is a text that a trader can read; what it asks of a client has its source.
Rule 2. The venue of a scenario does exactly what the text says, sound or not; nothing else happens on its side.
Rule 3. A verdict names the line of the scenario, what was expected and what came; the whole conversation stands beside.
Rule 4. A client is told what to do by News (B), in words that a program can read.
"""
