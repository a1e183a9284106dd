"""The coin of a result: by the terminal's own list, and none where none can be computed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from until import until

from relay.config import Config
from relay.core import lists
from relay.core.known import Known
from relay.core.quotes import Quotes
from relay.core.relay import Relay
from relay.exchanges import Exchanges
from relay.metascalp.simulator import Simulator


async def test_the_list_is_read_behind_the_scenes_and_then_it_says(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "BEHIND_S", 0.01)
    async with Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None)) as relay:
        await relay.link.fresh()
        quotes = Quotes(relay.link, relay.opener.lists)
        first = quotes.of(1, "BTCUSDT")
        await until(lambda: quotes.of(1, "BTCUSDT"))
        told = [quotes.of(1, "BTCUSDT"), quotes.of(1, "NOSUCH"), quotes.of(99, "BTCUSDT")]
        inverse = [replace(one, market_type=3) for one in relay.link.connections]
        relay.link.connections = inverse
        coin_margined = quotes.of(1, "BTCUSDT")

    assert first is None
    assert told == ["USDT", None, None]
    assert coin_margined is None


async def test_a_coin_margined_contract_beside_others_has_no_coin(
    sim: Simulator, exchanges: Exchanges
) -> None:
    """MEXC has one kind of futures: BTC_USD is among them (its list, 2026-05)."""
    async with Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None)) as relay:
        client, places = await relay.link.fresh()
        await relay.opener.lists.load(client, places)
        quotes = Quotes(relay.link, relay.opener.lists)
        told = {name: quotes.of(4, name) for name in ("BTC_USD", "BTC_USDT", "BTC_USDC")}
        moscow = {one.id for one in places if one.exchange == "MOEX"}
        shares = {quotes.of(number, "GAZP") for number in moscow}

    assert told == {"BTC_USD": None, "BTC_USDT": "USDT", "BTC_USDC": "USDC"}
    assert shares == {None}
