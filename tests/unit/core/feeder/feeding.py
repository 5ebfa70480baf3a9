"""What the feeder's tests share: a security, indicators, and the ticks of a maker."""

from stockex.core.dice import Dice
from stockex.core.feeder.maker import Maker, Numbering
from stockex.messages.control import Listed
from stockex.messages.market_data import Indicators
from stockex.messages.orders import AnyCommand, NewOrder
from stockex.vocabulary.enums import Phase, Regime, Side
from stockex.vocabulary.units import Nanos, Price, Shares


def security(price: int = 39_500, *, tick: int = 50, lot: int = 1) -> Listed:
    """Return a listing, of a security of 3.95 euro unless told otherwise."""
    return Listed(
        offset=0,
        index=0,
        at=Nanos(0),
        symbol="ATTIK",
        name="Attika Bank",
        tick=Price(tick),
        lot=Shares(lot),
        reference=Price(price),
    )


def seen(*, rsi: float = 50.0, position: float = 0.5, macd: float = 0.0, regime: Regime = Regime.CALM) -> Indicators:
    """Return indicators that incline to no side unless told otherwise."""
    return Indicators(
        sma_5=0.0, sma_20=0.0, ema_12=0.0, ema_26=0.0, macd=macd, rsi_14=rsi, bb_pos=position, regime=regime
    )


def ticks(listed: Listed, *, seed: int, count: int, phase: Phase = Phase.CONTINUOUS) -> list[list[AnyCommand]]:
    """Return the commands of a maker's first ticks in a market that inclines to no side."""
    maker, ids = Maker(listed, start=listed.reference, dice=Dice(seed)), Numbering(7)
    made = []
    for _ in range(count):
        maker.step()
        made.append(maker.commands(seen(regime=maker.regime), ids=ids, at=Nanos(0), phase=phase))
    return made


def limits(commands: list[AnyCommand], side: Side, *, account: str = "MDF") -> list[int]:
    """Return the limits of an account's orders on one side, as sent."""
    orders = [each for each in commands if isinstance(each, NewOrder)]
    return [int(each.limit or 0) for each in orders if each.side is side and each.account == account]
