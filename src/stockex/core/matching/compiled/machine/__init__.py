"""Numba, with types that a checker can read, and what it has not: all that the compiled book asks of it.

Rule 1. Whatever Python calls is `compiled`, with all its parts in one piece of machine code, which is kept on disk.
Rule 2. With NUMBA_DISABLE_JIT=1 everything is plain Python, slowly, so that branches can be counted.
"""
