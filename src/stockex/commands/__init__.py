"""Commands of `stockex` that are too long for `cli`, and what all of them share.

Rule 1. A command turns words into arguments and results into lines; what it does is done elsewhere.
Rule 2. Facts and JSON go to standard output, progress and figures beside them to standard error.
"""
