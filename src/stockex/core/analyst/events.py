"""Sentences about what happened: sessions, halts, volatility calls and auctions."""

from collections.abc import Sequence
from typing import Final

from stockex.core.analyst.picture import Picture
from stockex.core.analyst.window import Event
from stockex.core.analyst.words import Commands, Number, euro, percent, ratio, shares, statement, times
from stockex.messages.control import Interrupted, PhaseChanged, Resumed, Started, Stopped, Suspended, Uncrossed
from stockex.messages.market_data import Statement
from stockex.vocabulary.enums import Subject

SHOWN: Final = 4
"""How many events are told one by one; the rest is counted."""


def told(events: Sequence[Event], now: Picture) -> list[Statement]:
    """Return a sentence for each event; of many auctions or halts the largest are told and the rest counted."""
    ordered = sorted(events, key=_weight, reverse=True)
    sentences = [_sentence(event, now) for event in ordered[:SHOWN]]
    rest = ordered[SHOWN:]
    if rest:
        commands = Commands(min(each.offset for each in rest), max(each.offset for each in rest))
        more = times(len(rest), "more event")
        sentences.append(statement(Subject.EVENT, "There were {more} of this kind.", commands=commands, more=more))
    return sentences


def _weight(event: Event) -> tuple[int, int]:
    """Sessions come first, then what stops trading, then auctions by their volume."""
    match event:
        case Uncrossed():
            return 0, event.volume
        case PhaseChanged() | Interrupted():
            return 1, event.offset
        case _:
            return 2, event.offset


def _sentence(event: Event, now: Picture) -> Statement:
    commands = Commands(event.offset, event.offset)
    match event:
        case Started():
            return statement(Subject.EVENT, "Trading of {day} has begun.", commands=commands, day=_day(event.day))
        case Stopped():
            return statement(Subject.EVENT, "Trading of {day} is over.", commands=commands, day=_day(event.day))
        case Suspended():
            return statement(Subject.EVENT, "The operator has suspended trading.", commands=commands)
        case Resumed():
            return statement(Subject.EVENT, "Trading goes on after the suspension.", commands=commands)
        case PhaseChanged():
            return _halted(event, now)
        case Interrupted():
            return statement(
                Subject.EVENT,
                f"{event.symbol}: a trade at {{price}} would have left the range from {{low}} to {{high}}; "
                "orders gather for an auction.",
                commands=commands,
                symbol=event.symbol,
                price=euro(event.price),
                low=euro(event.low),
                high=euro(event.high),
            )
        case Uncrossed():
            return _auction(event)


def _day(day: int) -> Number:
    return Number(str(day), "", f"day {day}")


def _halted(event: PhaseChanged, now: Picture) -> Statement:
    commands, look = Commands(event.offset, event.offset), now.looks.get(event.symbol)
    if look is None or look.last is None:
        return statement(Subject.EVENT, f"{event.symbol} is halted.", commands=commands, symbol=event.symbol)
    return statement(
        Subject.EVENT,
        f"{event.symbol} is halted at {{last}}, {{change}} against the close before.",
        commands=commands,
        symbol=event.symbol,
        last=euro(look.last),
        change=percent(ratio(look.last - look.reference, look.reference)),
    )


def _auction(event: Uncrossed) -> Statement:
    commands = Commands(event.offset, event.offset)
    if event.price is None:
        sentence = f"The auction in {event.symbol} found no price."
        return statement(Subject.EVENT, sentence, commands=commands, symbol=event.symbol)
    side = "buyers" if event.surplus > 0 else "sellers"
    left = f", with {{surplus}} left to {side}" if event.surplus else ""
    return statement(
        Subject.EVENT,
        f"The auction in {event.symbol} traded {{volume}} at {{price}}{left}.",
        commands=commands,
        symbol=event.symbol,
        volume=shares(event.volume),
        price=euro(event.price),
        **({"surplus": shares(abs(event.surplus))} if event.surplus else {}),
    )
