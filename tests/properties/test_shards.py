"""Several matchers, each with its symbols, tell together what one matcher tells, while no credit is shared."""

import json
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from properties.exchange_commands import SETUP, at_of, meant, script

from stockex.core.exchange import Exchange
from stockex.core.shards.collating import collated, places
from stockex.core.shards.routing import Shard, asked, home_of, teller_of
from stockex.messages.codec import Fact, to_wire
from stockex.messages.executions import Rejected, Traded
from stockex.messages.orders import AnyCommand, BustTrade, ChangePhase, CorrectTrade, Deposit, PassTime
from stockex.vocabulary.reasons import RejectReason
from stockex.vocabulary.units import Nanos


def parted(command: AnyCommand, count: int, *, turn: int) -> AnyCommand:
    """Return the command for an account that trades in one shard only: `A` of shard 2 is `A2`.

    Cash that names no symbol is for an account that does not trade: no shard has more of it than its part.
    """
    account: str | None = getattr(command, "account", None)
    if account is None or account == "OP":
        return command
    symbol: str | None = getattr(command, "symbol", None)
    if isinstance(command, Deposit) and symbol is None:
        return replace(command, account="SAVER")
    return replace(command, account=f"{account}{turn % count if symbol is None else home_of(symbol, count)}")


class Both:
    """One matcher, and several beside it that are asked the same."""

    def __init__(self, count: int) -> None:
        self.one = Exchange()
        self.shards = [Exchange() for _ in range(count)]
        for number, exchange in enumerate(self.shards):
            exchange.trades_from = Shard(number, count).trades_from
        self.names: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.next = 0

    def obey(self, command: AnyCommand, at: Nanos) -> tuple[list[str], list[str]]:
        """Have both obey a command; return the facts of each, sorted, without their numbers."""
        offset, self.next = self.next, self.next + 1
        of_one = self.one.apply(command, offset=offset, at=at)
        if isinstance(command, BustTrade | CorrectTrade):
            command = replace(command, trade_id=self.ids.get(command.trade_id, command.trade_id))
        of_shards = self._together(command, offset=offset, at=at)
        one, other = self._name_trades(of_one), self._name_trades(of_shards)
        self.ids |= {one[name]: other[name] for name in one.keys() & other.keys()}
        is_for_all = isinstance(command, ChangePhase) and command.symbol is None
        return self._told(of_one, vague=is_for_all), self._told(of_shards, vague=is_for_all)

    def _together(self, command: AnyCommand, *, offset: int, at: Nanos) -> list[Fact]:
        count, facts = len(self.shards), []
        teller = teller_of(command, count)
        for number, exchange in enumerate(self.shards):
            if teller in {None, number}:
                facts.append(exchange.apply(asked(command, Shard(number, count)), offset=offset, at=at))
            else:
                exchange.pass_over(offset=offset, at=at)
        if teller is not None:
            return facts[0]
        told = collated(facts)
        for part, standing in zip(facts, places(facts), strict=True):
            for fact, place in zip(part, standing, strict=True):
                assert type(told[place]) is type(fact) if place >= 0 else isinstance(fact, Rejected)
        return told

    def _name_trades(self, facts: list[Fact]) -> dict[str, str]:
        """Call each trade by its command, its symbol and its place there; return the ids by these names."""
        seen, ids = Counter[str](), dict[str, str]()
        for fact in facts:
            if isinstance(fact, Traded):
                name = f"{fact.offset} {fact.symbol} {seen[fact.symbol]}"
                seen[fact.symbol] += 1
                self.names[fact.trade_id], ids[name] = name, fact.trade_id
        return ids

    def _told(self, facts: list[Fact], *, vague: bool) -> list[str]:
        return sorted(self._text(replace(fact, index=0), vague=vague) for fact in facts)

    def _text(self, fact: Fact, *, vague: bool) -> str:
        """Return a fact as text. Of several instruments that refuse a phase it does not matter which one is named."""
        if isinstance(fact, Rejected):
            words = [self.names.get(word, word) for word in fact.text.split(" ")]
            fact = replace(fact, text="" if vague else " ".join(words))
            if vague:
                fact = replace(fact, reason=RejectReason.NO_CALL, rule="")
        told = msgspec.to_builtins(fact, enc_hook=to_wire)
        if "trade_id" in told:
            told["trade_id"] = self.names[told["trade_id"]]
        return json.dumps(told, sort_keys=True)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(2, 4))
@settings(max_examples=100, derandomize=True, deadline=None, database=None)
def test_all_shards_together_tell_what_one_matcher_tells(seed: int, length: int, count: int) -> None:
    """Of each command the same facts, whatever is asked, if whoever trades in one shard trades in no other."""
    both = Both(count)
    for turn, written in enumerate([*SETUP, *script(seed, length)]):
        command = meant(parted(written, count, turn=turn), both.one)
        at = at_of(turn)
        if any(exchange.due is not None and exchange.due <= at for exchange in (both.one, *both.shards)):
            one, shards = both.obey(PassTime(), at)
            assert one == shards
        one, shards = both.obey(command, at)
        assert one == shards, command
    for account, balance in both.one.desk.accounts.balances.items():
        parts = [shard.desk.accounts.balance(account) for shard in both.shards]
        assert balance.cash == sum(part.cash for part in parts)
        assert balance.held_cash == sum(part.held_cash for part in parts)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_symbols_of_these_tests_have_several_homes(count: int) -> None:
    """Otherwise they would show nothing."""
    assert len({home_of(symbol, count) for symbol in ("ALPHA", "BETA", "MIX1", "MIX2", "GAMMA")}) > 1
