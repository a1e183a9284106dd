"""All the tickers of a page at once: where each is, in the order they were asked for."""

from __future__ import annotations

from relay.config import Config
from relay.core.known import Known
from relay.core.locating import locate
from relay.core.relay import Relay
from relay.exchanges import Exchanges
from relay.find import from_pattern
from relay.metascalp.simulator import Simulator


async def test_every_find_gets_its_places(sim: Simulator, exchanges: Exchanges) -> None:
    patterns = ["BINANCE:BTCUSDT.p", "KUCOIN:BTCUSDT", "BINANCE:NOSUCHCOIN.p", "MEXC:BTC_USDT.p"]
    asked = [from_pattern(pattern, exchanges) for pattern in patterns]
    async with Relay(Config(terminal=f"127.0.0.1:{sim.port}"), exchanges, Known(None)) as relay:
        told = await locate(relay.link, relay.opener.lists, asked, relay.preferences())

    assert [one["code"] for one in told] == ["found", "not-connected", "no-ticker", "found"]
    best = told[0]["candidates"][0]
    assert (best["connectionId"], best["symbol"], best["why"]) == (1, "BTCUSDT", None)
    assert {one["why"] for one in told[1]["candidates"]} >= {"other-exchange"}
    assert told[2]["candidates"] == []
    assert told[3]["candidates"][0]["symbol"] == "BTC_USDT"
