"""The terminal or the host is away: the trader is told, and it comes back by itself."""

from __future__ import annotations

import socket
import time

import pytest

from relay.edges.browsers import sites, stage, until
from relay.metascalp.simulator import Simulator
from tests.extension.conftest import browser_named, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"
STATE = "document.querySelector('[data-terminal-state]').dataset.terminalState"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_no_terminal_is_said_in_time_and_its_start_is_noticed():
    port = free_port()
    async with (
        sites.serve() as pages,
        stage.chromium_on(
            browser_named("Chromium"), f"127.0.0.1:{port}", sites_port=pages.port
        ) as browser,
    ):
        await browser.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await browser.goto(CHART)
        started = time.monotonic()
        await browser.alt_click('[data-symbol-full="BINANCE:ETHUSDT.P"]')
        toast = await browser.toast()
        took = time.monotonic() - started
        copied = await browser.page.evaluate("navigator.clipboard.readText()")
        panel = await browser.open_panel()
        await until(lambda: panel.evaluate(f"{STATE} !== 'connected'"))
        away = await panel.inner_text("body")

        async with Simulator(port=port, seed=1, rate=1.0):
            back_at = time.monotonic()
            await until(lambda: panel.evaluate(f"{STATE} === 'connected'"))
            noticed = time.monotonic() - back_at
            await panel.locator("section[data-section=orders] tr[data-key]").first.wait_for()

    assert toast["code"] == "terminal-not-found"
    assert took < 1.5
    assert copied == "BINANCE:ETHUSDT.p"
    assert "MetaScalp is not running" in away
    assert noticed < 2.0


async def test_a_restarted_terminal_is_followed_and_stale_rows_are_marked():
    port = free_port()
    async with (
        sites.serve() as pages,
        stage.chromium_on(
            browser_named("Chromium"), f"127.0.0.1:{port}", sites_port=pages.port
        ) as browser,
    ):
        await browser.goto(CHART)
        async with Simulator(port=port, seed=1, rate=1.0):
            panel = await browser.open_panel()
            await panel.locator("tbody[data-stale=false] tr[data-key]").first.wait_for()
        await until(lambda: panel.evaluate(f"{STATE} !== 'connected'"))
        kept = await panel.locator("tr[data-key]").count()
        async with Simulator(port=port, seed=2, rate=1.0) as simulator:
            await until(lambda: panel.evaluate(f"{STATE} === 'connected'"))
            await panel.locator("tbody[data-stale=false] tr[data-key]").first.wait_for()
            await browser.alt_click('[data-symbol-full="BINANCE:ETHUSDT.P"]')
            toast = await browser.toast()
            assert simulator.port == port

    assert kept > 0
    assert toast["code"] == "switched"


async def test_a_missing_host_is_named_with_the_one_thing_to_do(monkeypatch, tmp_path):
    from relay.edges.browsers import hosting

    monkeypatch.setattr(hosting, "_folder", lambda *_: tmp_path)
    async with held(chromium_stage()) as on:
        await on.browser.goto(CHART)
        await on.browser.alt_click('[data-symbol-full="BINANCE:ETHUSDT.P"]')
        toast = await on.browser.toast()
        panel = await on.browser.open_panel()
        await until(lambda: panel.evaluate("document.body.innerText.includes('install')"))

    assert toast["code"] == "host-missing"
