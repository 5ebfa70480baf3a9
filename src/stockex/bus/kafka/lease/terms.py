"""Who leads, as a function of the lease's records."""

import msgspec
from msgspec import Struct


class Claim(Struct, frozen=True, tag="claim"):
    """A process wants to lead.

    Attributes:
        holder: Who.
        after: The offset of the newest record that it had read; None claims whatever there is.
    """

    holder: str
    after: int | None


class Beat(Struct, frozen=True, tag="beat"):
    """The leader lives. `term` is the offset of the claim by which it leads; `number` counts its beats."""

    holder: str
    term: int
    number: int


class Release(Struct, frozen=True, tag="release"):
    """The leader has stopped in order: nobody leads."""

    holder: str
    term: int


Word = Claim | Beat | Release

_words: msgspec.json.Decoder[Word] = msgspec.json.Decoder(Word)


def word_of(value: bytes | None) -> Word | None:
    """Return what a record says; None when it is none of ours."""
    try:
        word: Word = _words.decode(value or b"")
    except msgspec.MsgspecError:
        return None
    return word


class Terms:
    """Who leads, after so many records of the lease.

    Attributes:
        holder: Who leads; "" when nobody does.
        term: The offset of the claim by which it leads, or the last one led; -1 when there was none.
        sign: The offset of the last sign of life.
    """

    def __init__(self, begin: int) -> None:
        """Read the records from the offset `begin` on; what came before is not known."""
        self.holder = ""
        self.term = -1
        self.sign = begin - 1

    def take(self, offset: int, word: Word) -> bool:
        """Take in the next record; say whether it is a sign of life of whoever leads now, or a release."""
        match word:
            case Claim():
                is_sign = word.after is None or word.after >= self.sign
                if is_sign:
                    self.holder, self.term = word.holder, offset
            case Beat():
                is_sign = word.term >= self.term and (self.holder != "" or word.term > self.term)
                if is_sign:
                    self.holder, self.term = word.holder, word.term
            case Release():
                is_sign = word.term >= self.term
                if is_sign:
                    self.holder, self.term = "", word.term
        if is_sign:
            self.sign = offset
        return is_sign
