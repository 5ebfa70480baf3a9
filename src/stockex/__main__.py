"""`python -m stockex`: the same as the command `stockex`."""

from stockex.cli import main

main()
