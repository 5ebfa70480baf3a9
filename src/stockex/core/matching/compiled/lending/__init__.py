"""Books that change hands: orders move between the plain book and the kernel's arrays, and back.

Rule 1. A symbol's orders stand in one of the two; its client ids, and all money, stand here only.
Rule 2. Moving changes nothing but where orders stand: same ids, places, quantities, nothing held anew.
Rule 3. An order that stands in a plain book has the slot ELSEWHERE, so that its client id is not given out twice.
"""
