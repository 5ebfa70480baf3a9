"""The words of the exchange: units, enumerations, instruments, reasons.

Rule 1. Imports nothing of ours, and of others only msgspec.
Rule 2. Money and prices are whole 1/10 000 euro; quantities are whole shares; time is whole nanoseconds.
Rule 3. A unit is a type. Price times quantity is cash, because both count 1/10 000 euro.
Rule 4. A name here is the field's standard term (GLOSSARY.md).
"""
