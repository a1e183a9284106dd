"""This file knows how to serve stand-in pages under the real host names, over real TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

_PAGES = Path(__file__).parent / "pages"

#: Market lists of the stand-in exchanges: links as each venue writes them (public link tables,
#: checked by their author 2026-09-21).
_LISTS = {
    "binance": ("/en/futures/BTCUSDT", "/en/futures/ETHUSDT", "/en/trade/SOL_USDT?type=spot"),
    "bybit": ("/trade/usdt/BTCUSDT", "/en/trade/spot/ETH/USDT", "/trade/inverse/BTCUSD"),
    "okx": ("/trade-swap/btc-usdt-swap", "/trade-swap/eth-usdt-swap", "/trade-spot/sol-usdt"),
    "gate": ("/futures/USDT/BTC_USDT", "/futures/USDT/ETH_USDT", "/trade/SOL_USDT"),
}


class Sites:
    """The pages by host and path. `override` puts any HTML under an exact host and path.

    hop: where a form that is posted to any page is sent on to (307, the form goes along).
    """

    def __init__(self) -> None:
        self.port = 0
        self.override: dict[tuple[str, str], str] = {}
        self.hop = ""

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            raise web.HTTPTemporaryRedirect(self.hop)
        host, path = (request.host or "").partition(":")[0], request.path
        if path == "/page-style.css":
            return _file("style.css", "text/css")
        if path == "/page-candles.js":
            return _file("candles.js", "text/javascript")
        html = self.override.get((host, path)) or _page(host, path)
        return web.Response(text=html, content_type="text/html", charset="utf-8")


@asynccontextmanager
async def serve() -> AsyncIterator[Sites]:
    """Serves the pages on a free port, with a certificate that nobody trusts."""
    sites = Sites()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", sites.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_certificate()).start()
        sites.port = runner.addresses[0][1]
        yield sites
    finally:
        await runner.cleanup()


def _page(host: str, path: str) -> str:
    if host.endswith("tradingview.com"):
        name = next((n for n in ("symbol", "screener") if path.startswith(f"/{n}")), "chart")
        return _text(f"{name}.html")
    for name, links in _LISTS.items():
        if name in host.split("."):
            return _exchange(name, links)
    return _text("chat.html")


def _exchange(name: str, links: tuple[str, ...]) -> str:
    rows = "".join(
        f'<div class="row"><a href="{link}">{link.rpartition("/")[2].partition("?")[0]}</a></div>'
        for link in links
    )
    title = {"okx": "OKX"}.get(name, name.capitalize())
    return _text("exchange.html").replace("{name}", title).replace("{links}", rows)


def _certificate() -> ssl.SSLContext:
    import trustme

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("www.tradingview.com", "127.0.0.1").configure_cert(context)
    return context


def _file(name: str, kind: str) -> web.Response:
    return web.Response(text=_text(name), content_type=kind, charset="utf-8")


def _text(name: str) -> str:
    return (_PAGES / name).read_text(encoding="utf-8")
