from __future__ import annotations

import ssl

import aiohttp
import pytest

from relay.edges.browsers import sites


async def get(site: sites.Sites, host: str, path: str) -> str:
    trust_all = ssl.create_default_context()
    trust_all.check_hostname = False
    trust_all.verify_mode = ssl.CERT_NONE
    url = f"https://127.0.0.1:{site.port}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Host": host}, ssl=trust_all) as response,
    ):
        assert response.status == 200
        return await response.text()


@pytest.mark.parametrize(
    ("host", "path", "holds"),
    [
        ("www.tradingview.com", "/chart/", "data-symbol-full"),
        ("ru.tradingview.com", "/symbols/BTCUSDT.P/", 'id="heading"'),
        ("www.tradingview.com", "/screener/", "data-rowkey"),
        ("www.binance.com", "/en/futures/BTCUSDT", "/en/trade/SOL_USDT"),
        ("www.bybit.com", "/trade/usdt/BTCUSDT", "/trade/inverse/BTCUSD"),
        ("www.okx.com", "/trade-swap/btc-usdt-swap", "<b>OKX</b>"),
        ("www.gate.com", "/trade/SOL_USDT", "/futures/USDT/ETH_USDT"),
        ("chat.example", "/room", 'id="pattern"'),
        ("notbinance.example", "/", 'id="pattern"'),
        ("www.tradingview.com", "/page-style.css", "color-scheme"),
        ("www.tradingview.com", "/page-candles.js", "candles"),
    ],
)
async def test_each_host_has_its_page(host, path, holds):
    async with sites.serve() as site:
        assert holds in await get(site, host, path)


async def test_a_test_may_put_its_own_page_in_place():
    async with sites.serve() as site:
        site.override[("www.okx.com", "/mine")] = "<p>mine</p>"

        assert await get(site, "www.okx.com", "/mine") == "<p>mine</p>"
