"""The analyst: what it publishes on `ai_insights`, and who reads it from there.

Rule 1. What it says is computed from facts; what a language model said of them enters the log as it was said.
Rule 2. Nobody waits for it, and it waits for nobody longer than its budget.
"""
