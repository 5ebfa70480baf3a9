"""The one schema: every command and every fact, and nothing else that crosses the log.

Rule 1. A wire field is named here and nowhere else; docs/reference/messages.md is generated from here.
Rule 2. Commands are imperative and stand in `orders`; facts are past tense and stand in the other topics.
Rule 3. On the wire a price is a JSON number in euro with at most four decimals, an instant a number of seconds
        with at most six; inside both are whole numbers. `codec` converts, exactly, and nobody else.
Rule 4. Every fact names its cause: (`offset` of the command in `orders`, `index` among that command's facts).
Rule 5. A record that does not fit is refused with the field named; nothing is guessed.
"""
