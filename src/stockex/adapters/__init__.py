"""The outside world behind small doors: clock, settings, files, passwords.

Rule 1. Only `app` builds these and hands them to the shells.
Rule 2. Each raises errors of the one tree in `stockex.errors`, never a library's own.
"""
