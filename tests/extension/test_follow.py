"""The terminal follows a tab: when its sources agree, while it can be seen, not while one types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from relay.edges.browsers import piercing, until
from tests.extension.conftest import Stage, chromium_stage, held

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

PAGE = """<!doctype html><title>64,250.5 | BTCUSDT Perpetual</title>
<h1>futures</h1><input id="price"><script>
  window.go = (symbol, title = symbol) => {
    history.pushState({}, "", "/en/futures/" + symbol);
    document.title = `64,${Math.floor(Math.random() * 900)} | ${title} Perpetual`;
  };
  window.timer = setInterval(() => {
    document.title = document.title.replace(/^[^|]*/, `${Math.random()} `);
  }, 50);
</script>"""
URL = "https://www.binance.com/en/futures/BTCUSDT"
#: Longer than the delay, the look and the way to the terminal, on a machine with other work.
QUIET_S = 1.5


def body(symbol: str) -> tuple[str, dict[str, Any]]:
    return ("/api/change-ticker", {"Exchange": 2, "Market": 2, "Ticker": symbol})


async def command(on: Stage, name: str) -> None:
    """What the browser does when a key of ours is pressed: headless it has no such keys."""
    script = (
        "name => chrome.tabs.query({active: true, lastFocusedWindow: true}).then(tabs =>"
        " chrome.commands.onCommand.dispatch(name, tabs[0]))"
    )
    await on.browser.worker.evaluate(script, name)


async def badge(on: Stage) -> str:
    script = (
        "() => chrome.tabs.query({active: true, lastFocusedWindow: true})"
        ".then(([tab]) => chrome.action.getBadgeText({tabId: tab.id}))"
    )
    return await on.browser.worker.evaluate(script)


async def shows(on: Stage, text: str) -> None:
    async def there() -> bool:
        return await badge(on) == text

    await until(there)


async def sent(on: Stage, *symbols: str) -> None:
    """Waits until exactly these were sent since the mark."""

    async def arrived() -> bool:
        return await on.terminal.commands() == [body(symbol) for symbol in symbols]

    await until(arrived)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with held(chromium_stage()) as on:
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
            on.pages.override["www.binance.com", f"/en/futures/{symbol}"] = PAGE
        yield on


@pytest_asyncio.fixture(loop_scope="module")
async def followed(stage: Stage) -> AsyncIterator[Stage]:
    """A followed tab on BTCUSDT; the marks are taken from here."""
    await stage.browser.goto("about:blank")
    await stage.browser.goto(URL)
    await asyncio.sleep(1.0)  # At most one switch a second, of whatever test was before.
    await stage.terminal.mark()
    await command(stage, "toggle-follow")
    await sent(stage, "BTCUSDT")
    await shows(stage, "▸")
    await asyncio.sleep(1.0)
    await stage.terminal.mark()
    yield stage
    await command(stage, "toggle-follow")
    await shows(stage, "")


async def go(on: Stage, symbol: str, title: str | None = None) -> None:
    await on.browser.page.evaluate("([to, title]) => go(to, title)", [symbol, title or symbol])


async def test_the_terminal_follows_the_page_through_its_own_navigation(followed: Stage) -> None:
    await go(followed, "ETHUSDT")

    await sent(followed, "ETHUSDT")


async def test_a_new_address_with_the_old_title_is_not_followed_until_both_agree(
    followed: Stage,
) -> None:
    await go(followed, "ETHUSDT", "BTCUSDT")
    await shows(followed, "▸?")
    between = await followed.terminal.commands()
    await go(followed, "ETHUSDT")

    await sent(followed, "ETHUSDT")
    assert between == []
    await shows(followed, "▸")


#: The chart's own script and its legend, each told apart from the other; the address stays.
LIVE = """<!doctype html><title>chart</title>
<div data-name="legend-series-item"><span data-name="legend-source-title"></span>
<span class="exchangeTitle-x"></span></div><script>
  const shown = {script: "", legend: ["", ""]};
  window.TradingViewApi = {_activeChartWidgetWV: {value: () => ({symbol: () => shown.script})}};
  window.script = (symbol) => { shown.script = symbol; };
  window.legend = (symbol, exchange) => {
    document.querySelector("[data-name=legend-source-title]").textContent = symbol;
    document.querySelector("[class^=exchangeTitle]").textContent = exchange;
  };
  script("BINANCE:BTCUSDT.P");
  legend("BTCUSDT.P", "Binance");
</script>"""
LIVE_URL = "https://www.tradingview.com/chart/aB3dEf9h/"


async def test_a_chart_of_tradingview_is_followed_when_its_script_and_its_legend_agree(
    stage: Stage,
) -> None:
    """The script is first, the legend's symbol comes later, its exchange last of all."""
    stage.pages.override["www.tradingview.com", "/chart/aB3dEf9h/"] = LIVE
    page = stage.browser.page
    await stage.browser.goto("about:blank")
    await stage.browser.goto(LIVE_URL)
    await asyncio.sleep(1.0)
    await stage.terminal.mark()
    await command(stage, "toggle-follow")
    await sent(stage, "BTCUSDT")
    await shows(stage, "▸")
    await asyncio.sleep(1.0)
    await stage.terminal.mark()

    await page.evaluate("script('BYBIT:SOLUSDT.P')")
    await shows(stage, "▸?")
    await page.evaluate("legend('SOLUSDT.P', 'Binance')")
    await asyncio.sleep(QUIET_S)
    between = await stage.terminal.commands()
    await page.evaluate("legend('SOLUSDT.P', 'Bybit')")

    async def arrived() -> bool:
        return len(await stage.terminal.commands()) == 1

    await until(arrived)
    told = await stage.terminal.commands()
    await command(stage, "toggle-follow")
    await shows(stage, "")
    assert between == []
    assert told[0][1] == {"Exchange": 6, "Market": 5, "Ticker": "SOLUSDT"}


async def test_a_symbol_that_does_not_stay_is_not_followed(followed: Stage) -> None:
    for symbol in ("ETHUSDT", "SOLUSDT", "ETHUSDT", "BTCUSDT"):
        await go(followed, symbol)
        await asyncio.sleep(0.1)
    await asyncio.sleep(QUIET_S)

    assert await followed.terminal.commands() == []


async def test_what_it_shows_already_is_not_sent_again(followed: Stage) -> None:
    await asyncio.sleep(QUIET_S)

    assert await followed.terminal.commands() == []


async def test_while_the_trader_types_the_terminal_stays(followed: Stage) -> None:
    page = followed.browser.page
    await page.focus("#price")
    await go(followed, "SOLUSDT")
    for _ in range(8):
        await page.keyboard.press("1")
        await asyncio.sleep(0.2)
    typing = await followed.terminal.commands()
    paused = await badge(followed)
    await page.evaluate("document.querySelector('#price').blur()")

    await sent(followed, "SOLUSDT")
    assert typing == []
    assert paused == "Ⅱ"


async def test_a_page_cannot_pretend_that_the_trader_types(followed: Stage) -> None:
    """Else it could keep the terminal where it is; events that it makes itself do not count."""
    page = followed.browser.page
    await page.focus("#price")
    await page.evaluate(
        "() => { window.fake = setInterval(() => document.querySelector('#price')"
        ".dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, key: '1'})), 50); }"
    )
    await go(followed, "SOLUSDT")

    await sent(followed, "SOLUSDT")
    await page.evaluate("clearInterval(window.fake)")


async def test_a_reload_keeps_following(followed: Stage) -> None:
    await followed.browser.page.reload()
    await go(followed, "ETHUSDT")

    await sent(followed, "ETHUSDT")
    await shows(followed, "▸")


async def test_a_killed_worker_knows_what_it_followed(followed: Stage) -> None:
    browser = followed.browser
    await browser.stop_worker()
    await go(followed, "SOLUSDT")

    await sent(followed, "SOLUSDT")
    browser.worker = browser.context.service_workers[-1]


async def test_a_tab_in_the_background_is_not_followed_until_it_comes_back(
    followed: Stage,
) -> None:
    page = followed.browser.page
    other = await followed.browser.context.new_page()
    await other.bring_to_front()
    await go(followed, "SOLUSDT")
    await asyncio.sleep(QUIET_S)
    behind = await followed.terminal.commands()
    await page.bring_to_front()
    await other.close()

    await sent(followed, "SOLUSDT")
    assert behind == []


async def test_a_click_elsewhere_is_not_taken_back(followed: Stage) -> None:
    """The terminal follows changes of the page; what the trader opens in between stays."""
    await followed.browser.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<a id=\"link\""
        ' href="/en/trade/SOL_USDT">sol</a>\')'
    )
    await followed.browser.alt_click("#link")
    _, opened = await followed.terminal.command()
    await asyncio.sleep(QUIET_S)

    assert opened["Ticker"] == "SOLUSDT"
    assert len(await followed.terminal.commands()) == 1


async def test_a_ticker_the_terminal_does_not_have_is_told_once(followed: Stage) -> None:
    await go(followed, "NOSUCHUSDT")
    toast = await followed.browser.toast()
    await shows(followed, "▸!")
    await asyncio.sleep(QUIET_S)

    assert toast["code"] == "no-ticker"
    assert await followed.terminal.commands() == []


async def test_a_page_that_changes_all_the_time_is_left(stage: Stage) -> None:
    """Thirty switches a minute are no trader's; and never more than one a second."""
    await stage.browser.goto("about:blank")
    await stage.browser.goto(URL)
    await asyncio.sleep(1.0)
    await stage.terminal.mark()
    await command(stage, "toggle-follow")
    await sent(stage, "BTCUSDT")
    started = asyncio.get_running_loop().time()
    for n in range(4):
        await go(stage, ("ETHUSDT", "BTCUSDT")[n % 2])
        await sent(stage, *["BTCUSDT", "ETHUSDT", "BTCUSDT", "ETHUSDT", "BTCUSDT"][: n + 2])
    took = asyncio.get_running_loop().time() - started
    await command(stage, "toggle-follow")

    assert took >= 3.0


async def test_where_we_may_not_look_nothing_is_followed(stage: Stage) -> None:
    await stage.browser.goto("https://chat.example/room")
    await command(stage, "toggle-follow")

    async def told() -> bool:
        return await badge(stage) == "!"

    await until(told)


async def test_with_toasts_off_the_button_tells(stage: Stage) -> None:
    await stage.browser.worker.evaluate("chrome.storage.local.set({toasts: 'off'})")
    try:
        await stage.browser.goto("about:blank")
        await stage.browser.goto(URL)
        await stage.browser.alt_click("h1")
        await shows(stage, "✓")
        hosts = [
            node
            for node in piercing.devtools(await stage.browser.document()).walk()
            if "data-metascalp-relay" in node.attributes
        ]
    finally:
        await stage.browser.worker.evaluate("chrome.storage.local.set({toasts: 'all'})")

    assert hosts == []
