"""The first steps: each turns done by itself at the moment when it is true, and says what to do."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from relay.core import places
from relay.edges.browsers import hosting, sites, stage, until
from relay.edges.browsers.chromium import EXTENSION_ID
from relay.edges.browsers.firefox import UUID
from relay.metascalp.simulator import Simulator
from tests.extension.conftest import browser_named, chromium_stage, firefox_stage, held
from tests.extension.test_recovery import free_port

pytestmark = pytest.mark.asyncio

FIRST = f"chrome-extension://{EXTENSION_ID}/first/index.html"


@pytest.mark.chromium
async def test_each_step_turns_done_at_the_moment_when_it_is_true():
    port = free_port()
    async with (
        sites.serve() as pages,
        stage.chromium_on(
            browser_named("Chromium"), f"127.0.0.1:{port}", sites_port=pages.port
        ) as browser,
    ):
        page = await browser.context.new_page()
        await page.goto(FIRST)
        relay, terminal, click = (page.locator(f"[data-step={name}]") for name in
                                  ("relay", "terminal", "click"))  # fmt: skip
        await expect(relay).to_have_attribute("data-state", "done")
        await expect(terminal).to_have_attribute("data-state", "now")
        await expect(terminal.locator(".help")).to_be_visible()
        await expect(click).to_have_attribute("data-state", "later")

        async with Simulator(port=port, seed=1, rate=1.0) as simulator:
            await expect(terminal).to_have_attribute("data-state", "done")
            await expect(terminal).to_contain_text(f"127.0.0.1:{port}")
            await expect(terminal.locator(".places")).to_contain_text("VIEW")
            sample = page.locator("[data-pattern='BINANCE:BTCUSDT.p']")
            await sample.click()
            await expect(click).to_contain_text("Hold the key")
            assert "/api/change-ticker" not in [one.path for one in simulator.record.requests]

            await sample.click(modifiers=["Alt"])
            await expect(click).to_have_attribute("data-state", "done")
            await expect(page.locator("body")).to_have_attribute("data-done", "true")

        await expect(terminal).to_have_attribute("data-state", "now")


@pytest.mark.chromium
async def test_a_click_on_any_page_is_the_first_one_too():
    async with held(chromium_stage()) as on:
        page = await on.browser.context.new_page()
        await page.goto(FIRST)
        click = page.locator("[data-step=click]")
        await expect(click).to_have_attribute("data-state", "now")
        await on.browser.page.bring_to_front()
        await on.browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
        await on.browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")

        await expect(click).to_have_attribute("data-state", "done")


@pytest.mark.chromium
async def test_they_come_up_after_an_install_with_the_cause_and_the_one_command(
    monkeypatch, tmp_path
):
    folder = hosting._folder
    monkeypatch.setattr(hosting, "_folder", lambda *_: tmp_path)
    async with held(chromium_stage()) as on:

        async def come_up():
            return next((one for one in on.browser.context.pages if one.url == FIRST), None)

        page = await until(come_up)
        relay = page.locator("[data-step=relay]")
        await expect(relay.locator(".command code")).to_have_text("metascalp-relay install")
        await expect(relay.locator(".cause")).to_contain_text(
            "has not been told where the relay is"
        )
        await on.browser.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await relay.get_by_role("button", name="Copy").click()
        await expect(relay.get_by_role("button")).to_have_text("Copied")

        # What the command does, while the page is open.
        profile, home = on.browser._profile, on.browser.settings.parent.parent
        monkeypatch.setattr(hosting, "_folder", folder)
        environment = {places.TERMINAL_VARIABLE: f"127.0.0.1:{on.terminal.simulator.port}"}
        with hosting.host("Chromium", home, profile, environment):
            await expect(relay).to_have_attribute("data-state", "done", timeout=10_000)
            await expect(page.locator("[data-step=terminal]")).to_have_attribute(
                "data-state", "done"
            )


@pytest.mark.chromium
async def test_who_named_the_terminal_by_hand_is_not_shown_them():
    async with held(chromium_stage()) as on:
        await on.browser.goto("https://www.okx.com/trade-swap/btc-usdt-swap")
        await on.browser.alt_click("a[href='/trade-swap/eth-usdt-swap']")
        await on.browser.toast()

        assert [one.url for one in on.browser.context.pages if one.url == FIRST] == []


@pytest.mark.firefox
async def test_firefox_goes_the_same_three_steps():
    async with held(firefox_stage()) as on:
        await on.browser.goto(f"moz-extension://{UUID}/first/index.html")
        state = "document.querySelector('[data-step={}]').dataset.state === '{}'"
        for step in ("relay", "terminal"):
            await until(lambda: on.browser.evaluate(state.format(step, "done")))  # noqa: B023
        await on.browser.evaluate(
            "void document.querySelector('[data-pattern]').scrollIntoView({block: 'center'})"
        )
        await on.terminal.mark()

        await on.browser.alt_click("[data-pattern='BINANCE:BTCUSDT.p']")

        assert (await on.terminal.command())[0] == "/api/change-ticker"
        await until(lambda: on.browser.evaluate(state.format("click", "done")))


@pytest.mark.firefox
async def test_firefox_shows_the_options_and_keeps_what_is_set_there():
    async with held(firefox_stage()) as on:
        await on.browser.goto(f"moz-extension://{UUID}/options/index.html")
        await until(
            lambda: on.browser.evaluate(
                "document.querySelectorAll('#exchanges li[data-value]').length === 3"
            )
        )
        await on.browser.evaluate(
            "void document.querySelector('#exchanges').scrollIntoView({block: 'center'})"
        )
        await on.browser.click("#exchanges li[data-value=OKX] [data-act=up]")

        async def written():
            path = on.browser.settings
            return path.exists() and '"BINANCE", "OKX", "BYBIT"' in path.read_text("utf-8")

        await until(written)
        rows = "document.querySelectorAll('#site-list li[data-state=on]').length > 40"
        await until(lambda: on.browser.evaluate(rows))
        shown = "document.querySelector('#key-list kbd')?.textContent.includes('Shift')"
        await until(lambda: on.browser.evaluate(shown))
