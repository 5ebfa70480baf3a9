"""Two books, one exchange: common commands run on the compiled book, rare ones on the plain one.

Rule 1. The plain exchange is the authority. Whatever runs here gives its facts, byte for byte, and its digest.
Rule 2. An instrument is lent to the compiled book while everything in it is common; a rare command takes it back first.
Rule 3. What is common is listed. A setting or a term that is not on the list counts as rare, however new it is.
Rule 4. Money and client ids are kept once, in the compiled book's arrays; plain looks at them there.
Rule 5. It works only where the extra `fast` is installed; nothing else may need this package.
"""
