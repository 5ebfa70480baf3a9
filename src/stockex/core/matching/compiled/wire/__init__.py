"""The wire at compiled speed: lines of JSON to command records, fact records to lines of JSON.

Rule 1. What is written here is byte for byte what `messages.codec.encode` writes; its literal parts are cut from that.
Rule 2. What is read here means what `messages.codec.decode` reads; a line in a form that is not plain is left to it.
Rule 3. No field of the wire is named here: names, values and their order come from `messages`.
Rule 4. Texts are numbers (`texts`) from the moment they are read until they are written.
"""
