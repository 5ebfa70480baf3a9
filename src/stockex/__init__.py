"""StockEx: a complete stock exchange in one command.

The exchange is a function from a log to a log. `core` is that function, pure; everything else is a
thin shell that carries records to it and from it. Start reading at `stockex.core.exchange`.
"""

__version__ = "0.1.0"
