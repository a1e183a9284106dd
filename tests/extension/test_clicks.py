"""Clicks in a real Chromium: on every named site, on what is not there, on what is hostile."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from relay.edges.browsers import piercing, until
from relay.metascalp.simulator import rest
from relay.metascalp.simulator.call import Reply
from tests.extension.conftest import Stage

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]

CHART = "https://www.tradingview.com/chart/?symbol=BINANCE%3ABTCUSDT.P"


def native(exchange: int, market: int, ticker: str) -> dict[str, Any]:
    return {"Exchange": exchange, "Market": market, "Ticker": ticker}


BINANCE_FUTURES, BINANCE_SPOT, BYBIT_PERP, BYBIT_SPOT = (2, 2), (2, 0), (6, 5), (6, 0)
OKX_SWAP, GATE_FUTURES, MEXC_FUTURES, MOEX = (10, 5), (3, 2), (8, 1), (18, 9)

ROWS = [
    (CHART, '[data-symbol-full="BINANCE:ETHUSDT.P"]', native(*BINANCE_FUTURES, "ETHUSDT")),
    (CHART, '[data-symbol-full="BYBIT:SOLUSDT.P"]', native(*BYBIT_PERP, "SOLUSDT")),
    (CHART, '[data-symbol-full="MEXC:XRPUSDT.P"]', native(*MEXC_FUTURES, "XRP_USDT")),
    (CHART, '[data-symbol-full="GATEIO:DOGEUSDT.P"]', native(*GATE_FUTURES, "DOGE/USDT")),
    (CHART, '[data-symbol-full="OKX:BTCUSDT.P"]', native(*OKX_SWAP, "BTCUSDT")),
    (CHART, '[data-symbol-full="BINANCE:BNBUSDT"]', native(*BINANCE_SPOT, "BNBUSDT")),
    (CHART, '[data-symbol-full="MOEX:SBER"]', native(*MOEX, "SBER")),
    (CHART, "#link-symbol", native(*BYBIT_PERP, "BTCUSDT")),
    (CHART, "#link-old", native(*BINANCE_SPOT, "SOLUSDT")),
    (CHART, "#candles", native(*BINANCE_FUTURES, "BTCUSDT")),
    (
        "https://ru.tradingview.com/symbols/BTCUSDT.P/?exchange=BYBIT",
        "#heading",
        native(*BYBIT_PERP, "BTCUSDT"),
    ),
    (
        "https://www.tradingview.com/screener/",
        'tr[data-rowkey="BYBIT:LINKUSDT.P"] td:last-child',
        native(*BYBIT_PERP, "LINKUSDT"),
    ),
    (
        "https://www.binance.com/en/futures/BTCUSDT",
        "#candles",
        native(*BINANCE_FUTURES, "BTCUSDT"),
    ),
    (
        "https://www.binance.com/en/futures/BTCUSDT",
        'a[href*="SOL_USDT"]',
        native(*BINANCE_SPOT, "SOLUSDT"),
    ),
    ("https://www.bybit.com/trade/usdt/SOLUSDT", "#candles", native(*BYBIT_PERP, "SOLUSDT")),
    (
        "https://www.bybit.com/trade/usdt/SOLUSDT",
        'a[href*="spot/ETH"]',
        native(*BYBIT_SPOT, "ETHUSDT"),
    ),
    (
        "https://www.okx.com/trade-swap/eth-usdt-swap",
        "#candles",
        native(*OKX_SWAP, "ETHUSDT"),
    ),
    (
        "https://www.okx.com/trade-swap/eth-usdt-swap",
        'a[href*="btc-usdt-swap"]',
        native(*OKX_SWAP, "BTCUSDT"),
    ),
    (
        "https://www.gate.com/futures/USDT/ETH_USDT",
        "#candles",
        native(*GATE_FUTURES, "ETH/USDT"),
    ),
    (
        "https://www.gate.com/futures/USDT/ETH_USDT",
        'a[href*="BTC_USDT"]',
        native(*GATE_FUTURES, "BTC/USDT"),
    ),
]


#: More than these of one tab are ignored (extension/worker/clicks.js).
CLICKS_PER_SECOND = 5


async def click(on: Stage, url: str, selector: str) -> dict[str, str]:
    """Alt+clicks on a freshly opened page; what the toast says."""
    await on.browser.goto("about:blank")
    await on.browser.goto(url)
    await on.terminal.mark()
    await asyncio.sleep(1 / CLICKS_PER_SECOND)
    await on.browser.alt_click(selector)
    return await on.browser.toast()


@pytest.mark.parametrize(("url", "selector", "body"), ROWS)
async def test_alt_click_switches_the_terminal(on_chromium, url, selector, body):
    toast = await click(on_chromium, url, selector)

    assert toast["code"] == "switched"
    assert await on_chromium.terminal.commands() == [("/api/change-ticker", body)]
    assert on_chromium.browser.page.url == url, "the click must not have followed the link"


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("KUCOIN:BTCUSDT", "not-connected"),
        ("HTX:BTCUSDT", "no-connection"),
        ("BINANCE:NOSUCHUSDT.P", "no-ticker"),
        ("CRYPTOCAP:TOTAL", "no-find"),
        ("CME:BTC1!", "no-find"),
        ("BINANCE:BTCUSDT/BINANCE:ETHUSDT", "no-find"),
    ],
)
async def test_what_is_not_there_is_refused_and_nothing_is_sent(on_chromium, symbol, code):
    on_chromium.pages.override[("www.tradingview.com", "/refused")] = (
        f'<title>t</title><div id="row" data-symbol-full="{symbol}">row</div>'
    )

    toast = await click(on_chromium, "https://www.tradingview.com/refused", "#row")

    assert toast["code"] == code
    assert await on_chromium.terminal.commands() == []


async def test_a_refusal_copies_the_pattern(on_chromium):
    context = on_chromium.browser.context
    await context.grant_permissions(["clipboard-read", "clipboard-write"])

    await click(on_chromium, CHART, '[data-symbol-full="KUCOIN:BTCUSDT"]')

    copied = await on_chromium.browser.page.evaluate("navigator.clipboard.readText()")
    await context.clear_permissions()
    assert copied == "KUCOIN:BTCUSDT"


async def test_a_view_mode_connection_is_named_as_the_reason(on_chromium):
    """The list of connections may be two seconds old; the reason given is the present one."""
    await on_chromium.terminal.post("/sim/connection", connectionId=10, viewMode=True)

    try:
        toast = await click(on_chromium, CHART, '[data-symbol-full="MOEX:SBER"]')
    finally:
        await on_chromium.terminal.post("/sim/connection", connectionId=10, viewMode=False)

    assert toast["code"] == "view-mode"
    assert toast["state"] == "refused"


HOSTILE = """
<title>hostile</title>
<div id="row" data-symbol-full="BINANCE:ETHUSDT.P">row</div>
<div id="long" data-symbol-full="BINANCE:{long}">long</div>
<div id="markup" data-symbol-full="BINANCE:&lt;img src=x onerror=window.hacked=1&gt;">m</div>
<script>
  const row = document.getElementById('row');
  for (const type of ['mousedown', 'mouseup', 'click', 'pointerdown', 'keydown']) {{
    row.dispatchEvent(new MouseEvent(type, {{ bubbles: true, altKey: true, button: 0 }}));
    row.dispatchEvent(new KeyboardEvent(type, {{ bubbles: true, key: 'Alt', altKey: true }}));
  }}
  window.postMessage({{ type: 'click', facts: {{ rows: [{{ index: 0, value: 'BINANCE:ETHUSDT' }}] }} }}, '*');
  row.click();
</script>
"""  # noqa: E501


async def test_a_page_cannot_click_by_itself(on_chromium):
    on_chromium.pages.override[("www.tradingview.com", "/hostile")] = HOSTILE.format(long="A" * 9)
    await on_chromium.browser.goto("about:blank")
    await on_chromium.terminal.mark()
    await on_chromium.browser.goto("https://www.tradingview.com/hostile")

    toast = await on_chromium.browser.page.evaluate(
        "new Promise(done => setTimeout(() =>"
        " done(document.querySelector('[data-metascalp-relay]') === null), 600))"
    )

    assert toast is True
    assert await on_chromium.terminal.commands() == []


@pytest.mark.parametrize("selector", ["#long", "#markup"])
async def test_hostile_symbols_open_nothing_and_inject_nothing(on_chromium, selector):
    on_chromium.pages.override[("www.tradingview.com", "/hostile")] = HOSTILE.format(
        long="A" * 10_000
    )

    toast = await click(on_chromium, "https://www.tradingview.com/hostile", selector)

    page = on_chromium.browser.page
    assert toast["code"] in ("no-find", "no-ticker")
    assert await page.evaluate("window.hacked === undefined")
    assert await page.evaluate(
        "document.querySelector('[data-metascalp-relay]').shadowRoot === null"
    )
    assert await on_chromium.terminal.commands() == []


#: A list with both markets on a page of one, in cells, in rows, and with a link to the other.
BOTH = """<!doctype html><title>BTCUSDT</title><body style="font-size:40px">
<ul><li><b id=spot>SOL/USDT</b> <i>Spot</i> <u>151.20</u></li>
<li> <div><b id=perp>SOL/USDT</b></div> <i>Perp</i> </li></ul>
<table><tr><td id=cell>SOL/USDT</td><td>Spot</td><td>151.20</td></tr></table>
<p><b id=linked>SOL/USDT</b> <a href="/en/trade/SOL_USDT">Spot</a></p>
<p><b id=plain>SOL/USDT</b></p>"""


@pytest.mark.parametrize(
    ("which", "place"),
    [
        ("spot", BINANCE_SPOT), ("perp", BINANCE_FUTURES), ("cell", BINANCE_SPOT),
        ("linked", BINANCE_FUTURES), ("plain", BINANCE_FUTURES),
    ],
)  # fmt: skip
async def test_a_market_right_beside_a_pair_is_the_pairs(on_chromium, which, place):
    on_chromium.pages.override["www.binance.com", "/en/futures/BTCUSDT"] = BOTH
    try:
        await click(on_chromium, "https://www.binance.com/en/futures/BTCUSDT", f"#{which}")
        sent = await on_chromium.terminal.commands()
    finally:
        del on_chromium.pages.override["www.binance.com", "/en/futures/BTCUSDT"]

    assert sent == [("/api/change-ticker", native(*place, "SOLUSDT"))]


#: What can be pressed, with nothing that names a ticker on it.
PRESSED = """<!doctype html><title>BTCUSDT | 65,012</title><body style="font-size:40px">
<style>#row, #buy {cursor: pointer} #chart {cursor: crosshair; height: 200px}</style>
<div id=row>65,012.40</div><button id=buy>64,990</button><div id=chart></div><script>
globalThis.heard = [];
addEventListener("click", ({target}) => heard.push(target.id));
</script>"""


async def test_what_can_be_pressed_is_pressed_and_is_not_the_pages_ticker(on_chromium):
    """A row's price cell, a button labelled with a price: the page acts, the terminal must not."""
    on_chromium.pages.override["www.binance.com", "/en/futures/BTCUSDT"] = PRESSED
    try:
        await on_chromium.browser.goto("https://www.binance.com/en/futures/BTCUSDT")
        await on_chromium.terminal.mark()
        for css in ("#row", "#buy"):
            await on_chromium.browser.alt_click(css)
            await asyncio.sleep(0.35)  # Sooner the same again would be one click twice.
        await on_chromium.browser.alt_click("#chart")
        await until(on_chromium.terminal.commands)
        heard = await on_chromium.browser.page.evaluate("heard")
        sent = await on_chromium.terminal.commands()
    finally:
        del on_chromium.pages.override["www.binance.com", "/en/futures/BTCUSDT"]

    assert heard == ["row", "buy", "chart"]
    assert sent == [("/api/change-ticker", native(*BINANCE_FUTURES, "BTCUSDT"))]


async def test_a_click_without_the_key_belongs_to_the_page(on_chromium):
    await on_chromium.browser.goto(CHART)
    await on_chromium.terminal.mark()

    await on_chromium.browser.page.click("#link-symbol")

    await on_chromium.browser.page.wait_for_url("**/symbols/**")
    assert await on_chromium.terminal.commands() == []


SPY = """
<title>spy</title>
<div id="row" data-symbol-full="{symbol}">row</div>
<script>
  window.seen = new Set();
  window.roots = [];
  window.attached = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...given) {{
    roots.push(attached.apply(this, given));
    return roots.at(-1);
  }};
  const look = () => {{
    for (const one of document.querySelectorAll('html > :not(head, body)')) {{
      if (!one.matches(':popover-open')) continue;
      const {{ x, y, width, height }} = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      const reach = [];
      for (let dx = -8; dx <= 400; dx += 8) for (let dy = -8; dy <= 200; dy += 8) {{
        if (document.elementFromPoint(innerWidth - dx, innerHeight - dy) === one) {{
          reach.push(`${{dx}},${{dy}}`);
        }}
      }}
      seen.add(JSON.stringify([one.outerHTML, one.textContent, one.innerText, x, y, width, height,
        one.scrollWidth, one.scrollHeight, one.offsetHeight, one.shadowRoot, reach.join(' '),
        [...style].map(name => style.getPropertyValue(name)).join('|')]));
    }}
  }};
  new MutationObserver(look).observe(document, {{ childList: true, subtree: true,
    attributes: true, characterData: true }});
  window.timer = setInterval(look, 20);
  customElements.define('metascalp-relay-toast', class extends HTMLElement {{
    constructor() {{ super(); roots.push(this.attachInternals().shadowRoot); }}
  }});
</script>
"""


async def test_a_page_sees_the_same_whatever_came_of_the_click(on_chromium):
    """Else a site would learn on which exchanges its visitor has an account."""
    codes, seen, roots = [], [], 0
    for symbol in ("BYBIT:SOLUSDT.P", "KUCOIN:BTCUSDT", "HTX:BTCUSDT", "CRYPTOCAP:TOTAL"):
        on_chromium.pages.override[("www.tradingview.com", "/spy")] = SPY.format(symbol=symbol)
        toast = await click(on_chromium, "https://www.tradingview.com/spy", "#row")
        codes.append(toast["code"])
        page = on_chromium.browser.page
        await page.mouse.move(1, 1)
        await page.wait_for_function("seen.size > 0")
        seen.append(sorted(await page.evaluate("look => [...seen]")))
        roots += await page.evaluate("roots.length")

    assert codes == ["switched", "not-connected", "no-connection", "no-find"]
    assert len(seen[0]) == 1, "it changed while it was looked at"
    assert seen == [seen[0]] * 4
    assert roots == 0


async def test_a_chip_of_an_older_toast_opens_nothing(on_chromium):
    """The second refusal is known to the background and not yet painted on the page."""
    toast = await click(on_chromium, CHART, '[data-symbol-full="KUCOIN:BTCUSDT"]')
    worker = on_chromium.browser.worker
    tabs = "for (const api of [globalThis.browser, globalThis.chrome]) if (api) "
    await worker.evaluate(
        f"() => {{ {tabs} api.tabs.sendMessage = () => new Promise(() => undefined); }}"
    )
    try:
        text = '[data-symbol-full="KUCOIN:BTCUSDT"] span'
        await on_chromium.browser.page.locator(text).first.evaluate(
            "node => { node.id = 'second'; node.textContent = 'HTX:ETHUSDT'; }"
        )
        await on_chromium.browser.menu("open", "#second")
        await asyncio.sleep(0.5)
        await on_chromium.browser.press_chip("BTCUSDT")
        await asyncio.sleep(0.5)
        late = await on_chromium.browser.toast()
    finally:
        await on_chromium.browser.stop_worker()

    assert toast["code"] == "not-connected"
    assert late["code"] == "stale"
    assert await on_chromium.terminal.commands() == []


async def test_a_chip_opens_what_it_says(on_chromium):
    await click(on_chromium, CHART, '[data-symbol-full="KUCOIN:BTCUSDT"]')

    await on_chromium.browser.press_chip("Binance Futures")

    assert await on_chromium.terminal.command() == (
        "/api/change-ticker",
        native(*BINANCE_FUTURES, "BTCUSDT"),
    )


async def test_a_toast_has_the_theme_of_the_settings(on_chromium):
    browser = on_chromium.browser
    worker = browser.context.service_workers[-1]
    seen = []
    for theme in ("light", "auto"):
        await worker.evaluate("theme => chrome.storage.local.set({theme})", theme)
        await click(on_chromium, CHART, '[data-symbol-full="BYBIT:SOLUSDT.P"]')
        await browser.toast()
        nodes = piercing.devtools(await browser.document()).walk()
        box = next(one for one in nodes if one.attributes.get("class") == "box")
        seen.append(box.attributes["style"])

    assert seen == ["color-scheme: light;", "color-scheme: light dark;"]


NAMES = (
    "matches", "textContent", "getAttribute", "querySelector", "querySelectorAll", "title",
    "parentNode", "attributes", "caretPositionFromPoint", "caretRangeFromPoint", "createElement",
    "createRange", "createTreeWalker", "documentElement", "execCommand", "append", "children",
    "style", "dataset", "isConnected",
)  # fmt: skip
CLOBBERED = (
    "<title>t</title>"
    + "".join(f"<img name={one} id={one}><form name={one}></form>" for one in NAMES)
    + "<img id=browser><img id=metascalpRelay><img id=MetascalpToast><img id=MetascalpElements>"
    + "<style>#f { position: fixed; inset: 0 0 auto; height: 60px }</style>"
    + '<form id="f" data-symbol-full="BYBIT:SOLUSDT.P">'
    + "".join(f'<input type="hidden" name="{one}" value="x">' for one in NAMES)
    + '<div style="height: 60px">row</div></form>'
)


async def test_a_page_cannot_stand_in_for_the_browsers_own_methods(on_chromium):
    """A field named `matches` stands where the method of its form stood (DOM clobbering)."""
    on_chromium.pages.override[("www.tradingview.com", "/clobbered")] = CLOBBERED

    browser = on_chromium.browser
    await browser.goto("https://www.tradingview.com/clobbered")
    await on_chromium.terminal.mark()
    await browser.page.keyboard.down("Alt")
    await browser.page.mouse.click(30, 30)  # By place: the tools' own look-up is misled by it.
    await browser.page.keyboard.up("Alt")

    assert (await browser.toast())["code"] == "switched"
    assert await on_chromium.terminal.commands() == [
        ("/api/change-ticker", native(*BYBIT_PERP, "SOLUSDT"))
    ]


@asynccontextmanager
async def slow(path: str, seconds: float) -> AsyncIterator[None]:
    """A terminal that takes its time for the POSTs of one path."""
    quick = rest.answer

    def answer(world: Any, method: str, asked: str, *more: Any) -> Reply:
        reply = quick(world, method, asked, *more)
        return replace(reply, wait_s=seconds) if asked == path else reply

    rest.answer = answer
    try:
        yield
    finally:
        rest.answer = quick


BADGE = (
    "chrome.tabs.query({active: true}).then(([tab]) => chrome.action.getBadgeText({tabId: tab.id}))"
)


async def codes_shown(on: Stage, end: str) -> list[str]:
    """Every code that the toast has, one after another, until this one."""
    codes: list[str] = []

    async def ended() -> bool:
        for node in piercing.devtools(await on.browser.document()).walk():
            if code := node.attributes.get("data-code"):
                codes.extend([code] if code not in codes[-1:] else [])
        return end in codes

    await until(ended)
    return codes


async def test_a_slow_combo_is_on_its_way_and_then_opened(on_chromium):
    """It may take longer than a click: the terminal is switched first, then opens windows."""
    await on_chromium.browser.goto(CHART)

    async with slow("/api/combo", 2.0):
        await on_chromium.browser.menu("combo", '[data-symbol-short="SOLUSDT.P"] span >> nth=0')
        codes = await codes_shown(on_chromium, "combo-opened")

    assert codes == ["pending", "combo-opened"]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.7, ["pending", "switched"]), (0.0, ["switched"])]
)
async def test_only_a_slow_click_says_that_it_is_on_its_way(on_chromium, seconds, expected):
    await on_chromium.browser.goto("about:blank")
    await on_chromium.browser.goto(CHART)

    async with slow("/api/change-ticker", seconds):
        await on_chromium.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
        codes = await codes_shown(on_chromium, "switched")

    assert codes == expected


async def test_a_slow_click_says_nothing_on_the_page_where_only_problems_are_told(on_chromium):
    worker = on_chromium.browser.worker
    await worker.evaluate("chrome.storage.local.set({toasts: 'problems'})")
    try:
        await on_chromium.browser.goto("about:blank")
        await on_chromium.browser.goto(CHART)
        seen = set()

        async def on_the_button() -> bool:
            document = await on_chromium.browser.document()
            seen.update(
                node.attributes.get("data-code") for node in piercing.devtools(document).walk()
            )
            return await worker.evaluate(BADGE) == "✓"

        async with slow("/api/change-ticker", 0.9):
            await on_chromium.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')
            await until(on_the_button)
    finally:
        await worker.evaluate("chrome.storage.local.set({toasts: 'all'})")

    assert seen == {None}


async def test_a_huge_page_is_read_like_any_other(on_chromium):
    legend = "<div data-name=legend-series-item><span data-name=legend-source-title>X</span></div>"
    on_chromium.pages.override[("www.tradingview.com", "/huge")] = (
        '<title>t</title><div id="row" data-symbol-full="BYBIT:SOLUSDT.P">row</div>'
        f'<div id="more"></div><script>more.innerHTML = "{legend}".repeat(100_000)</script>'
    )
    await on_chromium.browser.goto("https://www.tradingview.com/huge")
    await on_chromium.terminal.mark()

    await on_chromium.browser.alt_click("#row")

    assert await on_chromium.terminal.command() == (
        "/api/change-ticker",
        native(*BYBIT_PERP, "SOLUSDT"),
    )


async def test_the_toast_takes_no_focus(on_chromium):
    await click(on_chromium, CHART, '[data-symbol-full="BINANCE:ETHUSDT.P"]')

    focused = await on_chromium.browser.page.evaluate("document.activeElement.localName")
    assert focused == "body"


async def test_other_sites_have_no_content_script(on_chromium):
    on_chromium.pages.override[("evil.example", "/")] = HOSTILE.format(long="A")
    await on_chromium.browser.goto("https://evil.example/")
    await on_chromium.terminal.mark()

    await on_chromium.browser.alt_click("#row")

    present = await on_chromium.browser.page.evaluate(
        "new Promise(done => setTimeout(() =>"
        " done(document.querySelector('[data-metascalp-relay]')), 400))"
    )
    assert present is None
    assert await on_chromium.terminal.commands() == []


@pytest.mark.parametrize(
    ("method", "selector", "body"),
    [
        ("open", "#pattern", ("/api/change-ticker", native(*BINANCE_FUTURES, "SOLUSDT"))),
        ("open", "#pair", ("/api/change-ticker", native(*BINANCE_FUTURES, "ETHUSDT"))),
    ],
)
async def test_the_menu_opens_a_selection_on_any_site(on_chromium, method, selector, body):
    await on_chromium.browser.goto("https://chat.example/room")
    await on_chromium.terminal.mark()

    await on_chromium.browser.menu(method, selector)

    assert await on_chromium.terminal.command() == body


async def test_the_menu_opens_a_combo_on_the_tickers_own_exchange(on_chromium):
    await on_chromium.browser.goto("https://chat.example/room")
    await on_chromium.terminal.mark()

    await on_chromium.browser.menu("combo", "#pattern")

    async def two_commands() -> Any:
        sent = await on_chromium.terminal.commands()
        return sent if len(sent) == 2 else None

    assert await until(two_commands) == [
        ("/api/change-ticker", native(*BINANCE_FUTURES, "SOLUSDT")),
        ("/api/combo", {"Ticker": "SOLUSDT"}),
    ]


async def test_after_the_worker_was_killed_a_click_still_works(on_chromium):
    await on_chromium.browser.goto(CHART)
    await on_chromium.browser.stop_worker()
    await on_chromium.terminal.mark()

    await on_chromium.browser.alt_click('[data-symbol-full="BYBIT:SOLUSDT.P"]')

    assert await on_chromium.terminal.command() == (
        "/api/change-ticker",
        native(*BYBIT_PERP, "SOLUSDT"),
    )


#: A chart whose own script knows more than its address, as TradingView's does (public projects,
#: 2026-04). `%s` stands for what else the page does.
SCRIPTED = """<!doctype html><title>chart</title><h1 id="pane">chart</h1><script>
window.TradingViewApi = {_activeChartWidgetWV: {value: () => ({symbol: () => %s})}};
%s
</script>"""
FORGED = """document.addEventListener("metascalp-relay-ask", () => document.dispatchEvent(
  new CustomEvent("metascalp-relay-tell", {detail: "BYBIT:SOLUSDT.P"})));
setInterval(() => document.dispatchEvent(
  new CustomEvent("metascalp-relay-tell", {detail: "BYBIT:SOLUSDT.P"})), 20);"""
LAYOUT = "https://www.tradingview.com/chart/aB3dEf9h/"


def scripted(stage: Stage, symbol: str, more: str = "") -> None:
    page = SCRIPTED % (symbol, more)
    stage.pages.override["www.tradingview.com", "/chart/aB3dEf9h/"] = page


async def test_the_charts_own_script_is_asked_where_the_address_says_nothing(on_chromium):
    scripted(on_chromium, "'BYBIT:ETHUSDT.P'")
    await on_chromium.browser.goto(LAYOUT)
    await on_chromium.terminal.mark()

    await on_chromium.browser.alt_click("#pane")

    assert await on_chromium.terminal.command() == (
        "/api/change-ticker",
        native(*BYBIT_PERP, "ETHUSDT"),
    )


@pytest.mark.parametrize(
    ("symbol", "more"),
    [
        ("'BINANCE:BTCUSDT/BINANCE:ETHUSDT'", ""),
        ("'CRYPTOCAP:TOTAL'", ""),
        ("{toString: () => 'BYBIT:ETHUSDT.P'}", ""),
        ("({}).no.such.thing", ""),
        ("'BYBIT:ETHUSDT.P'", FORGED),
    ],
)
async def test_what_the_script_says_is_only_ever_a_suggestion(on_chromium, symbol, more):
    """A formula, an index, no text, a failure, and a page that answers in its place."""
    scripted(on_chromium, symbol, more)

    told = await click(on_chromium, LAYOUT, "#pane")

    assert told["code"] == "no-find"
    assert await on_chromium.terminal.commands() == []


async def test_a_site_of_ones_own_is_read_without_a_reload(on_chromium):
    link = '<a id="own" href="https://charts.example.com/c/SOL_USDT">my chart</a>'
    on_chromium.pages.override["www.okx.com", "/own"] = f"<!doctype html>{link}"
    before = await click(on_chromium, "https://www.okx.com/own", "#own")
    folder = on_chromium.browser.settings.parent / "sites"
    folder.mkdir(parents=True)
    site = {
        "id": "mine",
        "exchange": "BYBIT",
        "hosts": ["charts.example.com"],
        "quotes": ["USDT"],
        "paths": [{"path": "/c/{base}_{quote}", "market": "futures"}],
    }
    (folder / "mine.json").write_text(json.dumps(site), encoding="utf-8")

    async def opened():
        """As a trader does: the key first, then the click."""
        await on_chromium.browser.page.keyboard.press("Alt")
        await asyncio.sleep(1 / CLICKS_PER_SECOND)
        await on_chromium.browser.alt_click("#own")
        return await on_chromium.terminal.commands()

    started = time.monotonic()
    sent = await until(opened)
    took = time.monotonic() - started
    (folder / "mine.json").unlink()

    assert before["code"] == "no-find"
    assert sent[0] == ("/api/change-ticker", native(*BYBIT_PERP, "SOLUSDT"))
    assert took < 2.5
