"""What the analyst says: sentences computed from facts, and what a language model may say of the same figures.

Rule 1. Every figure in a sentence is one of its `figures`, which are exact; a sentence names the commands behind them.
Rule 2. A remark is a pure function of the facts since the last insight and of two pictures of the market.
Rule 3. Nothing worth saying is said: a remark below its threshold is left out.
Rule 4. Words of a model whose numbers are not among the figures are refused.
"""
