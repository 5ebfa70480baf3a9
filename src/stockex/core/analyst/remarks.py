"""What is worth saying of a window: moves, turnover, prices against the day, quotes, imbalance, and the members.

Each remark is None below its threshold. `before` is the picture at the last insight, None for the first one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from stockex.core.analyst.events import told
from stockex.core.analyst.picture import Look, Picture
from stockex.core.analyst.window import Span, Window
from stockex.core.analyst.words import Commands, euro, money, percent, ratio, shares, statement, tenths, times
from stockex.messages.control import Stopped
from stockex.messages.market_data import Statement
from stockex.vocabulary.enums import Subject

MOVE_BP: Final = 5
"""A price has moved if it went at least so far."""

STRETCH_BP: Final = 20
"""A last price stands apart from the day's mean if it is at least so far from it."""

CHANGED_BP: Final = 5_000
"""Spread and depth have changed if by at least so much of what they were."""

LEANING_BP: Final = 7_000
"""Trading leans if one side took at least so much of the volume."""

FEW: Final = 5
"""Of fewer trades nothing is concluded."""

CLIMB: Final = 2
"""A member has climbed if it gained at least so many places."""


Remark = Callable[["Scene"], Statement | None]
"""Says one thing of a scene, or nothing."""


class Scene(NamedTuple):
    """What the remarks look at: the trades of a window by symbol, and the market before and after."""

    spans: Mapping[str, Span]
    commands: Commands
    before: Picture | None
    now: Picture


def comment(window: Window, *, before: Picture | None, now: Picture) -> list[Statement]:
    """Return the sentences of an insight, the most pressing first. At the end of a day they are about the day."""
    stopped = next((event for event in window.events if isinstance(event, Stopped)), None)
    spans = {symbol: span for symbol, span in window.spans.items() if symbol in now.looks}
    scene = Scene(spans, window.commands, before, now)
    chosen: Sequence[Remark] = REMARKS
    if stopped is not None:
        commands = Commands(max(window.began, 0), stopped.offset)
        scene, chosen = Scene(dict(_whole_day(now, commands)), commands, None, now), OF_A_DAY
    remarks = [remark(scene) for remark in chosen]
    sentences = told(window.events, now) + [remark for remark in remarks if remark is not None]
    return sentences or [statement(Subject.TURNOVER, "Nothing has traded.", commands=scene.commands)]


def _whole_day(now: Picture, commands: Commands) -> Iterator[tuple[str, Span]]:
    """Yield each security's trades of the day as if they were a window's."""
    for symbol, look in now.looks.items():
        if look.trades and look.last is not None and look.high is not None and look.low is not None:
            yield (
                symbol,
                Span(
                    opened=look.reference,
                    first=commands.first,
                    last=commands.last,
                    trades=look.trades,
                    volume=look.volume,
                    value=look.value,
                    price=look.last,
                    high=look.high,
                    low=look.low,
                ),
            )


def _mover(scene: Scene, *, sign: int) -> Statement | None:
    moves = [(sign * span.move, symbol) for symbol, span in scene.spans.items()]
    far, symbol = max(moves, default=(0, ""))
    if far < MOVE_BP:
        return None
    span = scene.spans[symbol]
    return statement(
        Subject.MOVE,
        f"{symbol} {'gained' if sign > 0 else 'lost'} most: {{change}} to {{last}} in {{trades}}.",
        commands=span.commands,
        symbol=symbol,
        change=percent(span.move),
        last=euro(span.price),
        trades=times(span.trades, "trade"),
    )


def gainer(scene: Scene) -> Statement | None:
    """Return whose price rose most."""
    return _mover(scene, sign=1)


def loser(scene: Scene) -> Statement | None:
    """Return whose price fell most."""
    return _mover(scene, sign=-1)


def turnover(scene: Scene) -> Statement | None:
    """Return how much was traded, and how much of it in one security."""
    value = sum(span.value for span in scene.spans.values())
    if value == 0:
        return None
    symbol = max(scene.spans, key=lambda each: scene.spans[each].value)
    trades = sum(span.trades for span in scene.spans.values())
    return statement(
        Subject.TURNOVER,
        f"EUR {{value}} changed hands in {{trades}}, {{share}} of it in {symbol}.",
        commands=scene.commands,
        symbol=symbol,
        value=money(value),
        trades=times(trades, "trade"),
        share=percent(ratio(scene.spans[symbol].value, value), is_signed=False),
    )


def stretch(scene: Scene) -> Statement | None:
    """Return whose last price stands furthest from the day's mean price."""
    apart = [
        (abs(ratio(look.last - look.vwap, look.vwap)), symbol)
        for symbol, look in scene.now.looks.items()
        if symbol in scene.spans and look.last is not None and look.vwap and look.trades >= FEW
    ]
    far, symbol = max(apart, default=(0, ""))
    look = scene.now.looks.get(symbol)
    if far < STRETCH_BP or look is None or look.last is None or look.vwap is None:
        return None
    return statement(
        Subject.VWAP,
        f"{symbol} stands {{apart}} {'above' if look.last > look.vwap else 'below'} the day's mean price of {{vwap}}.",
        commands=scene.spans[symbol].commands,
        symbol=symbol,
        apart=percent(far, is_signed=False),
        vwap=euro(look.vwap),
    )


def _changed(scene: Scene, figure: Callable[[Look], int | None]) -> tuple[str, int, int] | None:
    """Return whose figure changed most against the picture before, with both; None if none did by enough."""
    if scene.before is None:
        return None
    changes = []
    for symbol, look in scene.now.looks.items():
        was, is_now = figure(scene.before.looks[symbol]) if symbol in scene.before.looks else None, figure(look)
        if was and is_now is not None:
            changes.append((abs(ratio(is_now - was, was)), symbol, was, is_now))
    if not changes or max(changes)[0] < CHANGED_BP:
        return None
    _, symbol, was, is_now = max(changes)
    return symbol, was, is_now


def spread(scene: Scene) -> Statement | None:
    """Return whose spread has changed most."""
    found = _changed(scene, lambda look: look.spread)
    if found is None:
        return None
    symbol, was, is_now = found
    return statement(
        Subject.SPREAD,
        f"The spread of {symbol} {'widened' if is_now > was else 'narrowed'} from {{before}} to {{now}}.",
        commands=scene.commands,
        symbol=symbol,
        before=tenths(was),
        now=tenths(is_now),
    )


def depth(scene: Scene) -> Statement | None:
    """Return whose book has become deeper or thinner most."""
    found = _changed(scene, lambda look: look.depth)
    if found is None:
        return None
    symbol, was, is_now = found
    return statement(
        Subject.DEPTH,
        f"The book of {symbol} is {'deeper' if is_now > was else 'thinner'}: {{now}} shares on its best levels after "
        "{before}.",
        commands=scene.commands,
        symbol=symbol,
        now=shares(is_now),
        before=shares(was),
    )


def imbalance(scene: Scene) -> Statement | None:
    """Return where one side took most of the volume."""
    sides = [
        (max(bought, 10_000 - bought), span.volume, symbol, bought)
        for symbol, span in scene.spans.items()
        if span.trades >= FEW
        for bought in (ratio(span.bought, span.volume),)
    ]
    if not sides or max(sides)[0] < LEANING_BP:
        return None
    leaning, volume, symbol, bought = max(sides)
    return statement(
        Subject.IMBALANCE,
        f"{'Buyers' if bought == leaning else 'Sellers'} took {{share}} of the {{volume}} shares of {symbol}.",
        commands=scene.spans[symbol].commands,
        symbol=symbol,
        share=percent(leaning, is_signed=False),
        volume=shares(volume),
    )


def volatility(scene: Scene) -> Statement | None:
    """Return who covered most of its day's range in this window, if that is at least half of it."""
    ranges = [
        (ratio(span.high - span.low, high - low), symbol)
        for symbol, span in scene.spans.items()
        for high, low in ((scene.now.looks[symbol].high, scene.now.looks[symbol].low),)
        if high is not None and low is not None and high > low and span.volume < scene.now.looks[symbol].volume
    ]
    share, symbol = max(ranges, default=(0, ""))
    if share < CHANGED_BP:
        return None
    span, look = scene.spans[symbol], scene.now.looks[symbol]
    assert look.high is not None, "a security that has traded has a range"
    assert look.low is not None, "a security that has traded has a range"
    return statement(
        Subject.VOLATILITY,
        f"{symbol} covered {{share}} of its day's range from {{low}} to {{high}}.",
        commands=span.commands,
        symbol=symbol,
        share=percent(min(share, 10_000), is_signed=False),
        low=euro(look.low),
        high=euro(look.high),
    )


def leader(scene: Scene) -> Statement | None:
    """Return who leads the members now, if that is somebody else than before, or who climbed most."""
    ranking = scene.now.ranking
    if not ranking or not scene.spans:
        return None
    (first, worth), before = ranking[0], scene.before
    was = {account: place for place, (account, _) in enumerate(before.ranking, 1)} if before is not None else {}
    if before is None or was.get(first) != 1:
        sentence = f"{first} leads the members with EUR {{worth}}."
        return statement(Subject.MEMBERS, sentence, commands=scene.commands, worth=money(worth))
    climbs = [(was.get(account, 0) - place, account, place) for place, (account, _) in enumerate(ranking, 1)]
    gained, account, place = max(climbs)
    if gained < CLIMB:
        return None
    return statement(
        Subject.MEMBERS,
        f"{account} climbed from place {{before}} to {{now}} among the members.",
        commands=scene.commands,
        before=shares(was[account])._replace(unit="place"),
        now=shares(place)._replace(unit="place"),
    )


OF_A_DAY: Final = (gainer, loser, turnover, stretch, leader)
"""Those about a whole day."""

REMARKS: Final = (gainer, loser, turnover, stretch, spread, depth, imbalance, volatility, leader)
"""All remarks, in the order in which they are said."""
