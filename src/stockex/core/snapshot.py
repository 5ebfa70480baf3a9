"""The exchange's whole state as bytes, and its digest.

Two exchanges with equal bytes answer every later command with equal facts.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NamedTuple, cast

import msgspec

from stockex.core.exchange import Exchange
from stockex.core.market.listing import CallEnd, Indication, Interruption, Listing
from stockex.core.matching.ids import UsedIds
from stockex.core.matching.order import Order
from stockex.core.matching.plain import PlainBook
from stockex.core.risk.accounts import Accounts, Balance, Hold
from stockex.core.risk.kills import Kills
from stockex.core.risk.trades import Done, Trades
from stockex.core.timers import Timer, Timers
from stockex.vocabulary.enums import Phase
from stockex.vocabulary.instrument import Instrument
from stockex.vocabulary.market_rules import MarketRules
from stockex.vocabulary.units import Nanos, Price

VERSION: Final = 3
"""The layout of the bytes. A snapshot of another version is not read; the log is replayed instead."""

_EMPTY: Final = Balance()


class _ListingState(msgspec.Struct, forbid_unknown_fields=True):
    """A listing without its orders."""

    instrument: Instrument
    rules: MarketRules
    phase: Phase
    places: int
    last: Price | None
    reference: Price | None
    indication: Indication | None
    close: Price | None
    resumes_to: Phase | None
    path: list[Price]
    ends: CallEnd | None
    auction_price: Price | None
    interruption: Interruption | None

    @classmethod
    def of(cls, listing: Listing, away: "Away | None") -> "_ListingState":
        return cls(
            listing.instrument,
            listing.rules,
            listing.phase,
            listing.book.places if away is None else away.places,
            listing.last if away is None else away.last,
            listing.reference,
            listing.indication,
            listing.close,
            listing.resumes_to,
            listing.path,
            listing.ends,
            listing.auction_price,
            listing.interruption,
        )

    def listing(self) -> Listing:
        book = PlainBook()
        book.places = self.places
        return Listing(
            self.instrument,
            book,
            self.last,
            rules=self.rules,
            phase=self.phase,
            reference=self.reference,
            indication=self.indication,
            close=self.close,
            resumes_to=self.resumes_to,
            path=self.path,
            ends=self.ends,
            auction_price=self.auction_price,
            interruption=self.interruption,
        )


class Away(NamedTuple):
    """What an instrument has in another book than its own, written already: its orders, bids before asks, in priority.

    `holds` is what each order holds, by its id; `places` those that were given out, and `last` the last price.
    """

    orders: Sequence[msgspec.Raw]
    holds: Mapping[int, msgspec.Raw]
    places: int
    last: Price | None


class _State(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    version: int
    next_offset: int
    at: int
    phase: Phase
    day: int
    open_accounts: bool
    listings: list["_ListingState"]
    balances: dict[str, Balance]
    holds: dict[int, Hold]
    used_ids: dict[str, list[str]]
    orders: list[Order]
    timers: list[Timer]
    killed: list[str]
    all_killed: bool
    trades: list[Done]


def dump(exchange: Exchange, away: Mapping[str, Away] = MappingProxyType({})) -> bytes:
    """Return the state as canonical bytes: equal states give equal bytes, whatever led to them.

    `away` is what instruments have that stand in another book now (`stockex.core.fast`).
    """
    listings = exchange.desk.listings
    orders: list[Order | msgspec.Raw] = []
    holds: dict[int, Hold | msgspec.Raw] = dict(exchange.desk.accounts.holds)
    for symbol, listing in listings.items():
        if symbol in away:
            orders += away[symbol].orders
            holds |= away[symbol].holds
        else:
            orders += listing.orders()
    state = _State(
        version=VERSION,
        next_offset=exchange.next_offset,
        at=exchange.at,
        phase=exchange.phase,
        day=exchange.day,
        open_accounts=exchange.desk.accounts.is_open,
        listings=[_ListingState.of(listing, away.get(symbol)) for symbol, listing in listings.items()],
        balances=_balances(exchange.desk.accounts),
        holds=cast(dict[int, Hold], dict(sorted(holds.items()))),
        used_ids=dict(sorted(exchange.desk.used_ids.as_lists().items())),
        orders=cast(list[Order], orders),
        timers=exchange.desk.timers.as_list(),
        killed=sorted(exchange.desk.kills.accounts),
        all_killed=exchange.desk.kills.everybody,
        trades=exchange.desk.trades.as_list(),
    )
    return msgspec.json.encode(state, enc_hook=int)


def _balances(accounts: Accounts) -> dict[str, Balance]:
    """Return the balances by name, without what says nothing: when an account or a symbol was first touched."""
    found = {
        name: Balance(
            balance.is_limited,
            balance.cash,
            balance.held_cash,
            _without_zeros(balance.shares),
            _without_zeros(balance.held_shares),
        )
        for name, balance in sorted(accounts.balances.items())
    }
    return {name: balance for name, balance in found.items() if balance != _EMPTY}


def _without_zeros(shares: Mapping[str, int]) -> dict[str, int]:
    return {symbol: qty for symbol, qty in sorted(shares.items()) if qty != 0}


def load(data: bytes) -> Exchange:
    """Return the exchange that `dump` gave.

    Raises:
        msgspec.MsgspecError: the bytes are no state of this version.
    """
    state = msgspec.json.decode(data, type=_State, dec_hook=lambda kind, value: kind(value))
    if state.version != VERSION:
        raise msgspec.ValidationError(f"snapshot version {state.version}, expected {VERSION}")
    exchange = Exchange(open_accounts=state.open_accounts)
    exchange.next_offset, exchange.at = state.next_offset, Nanos(state.at)
    exchange.phase, exchange.day = state.phase, state.day
    for listing_state in state.listings:
        exchange.desk.listings[listing_state.instrument.symbol] = listing_state.listing()
    exchange.desk.accounts.balances = state.balances
    exchange.desk.accounts.holds = state.holds
    exchange.desk.used_ids = UsedIds.of(state.used_ids)
    exchange.desk.kills = Kills(set(state.killed), everybody=state.all_killed)
    exchange.desk.trades = Trades(state.trades)
    for order in state.orders:
        exchange.desk.restore(order)
    exchange.desk.timers = Timers(state.timers)
    for listing in exchange.desk.listings.values():
        listing.book.take_changes()
    return exchange


def digest(exchange: Exchange) -> str:
    """Return the SHA-256 of the state, in hexadecimal. Equal digests: equal books, balances and ids."""
    return digest_of(dump(exchange))


def digest_of(state: bytes) -> str:
    """Return the digest of the state that `dump` gave."""
    return sha256(state).hexdigest()
