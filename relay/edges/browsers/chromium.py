"""This file knows how to run a Chromium with our extension in it, and to use it as a trader does.

Measured with Chromium 156, 2026-11: the real side panel is a page only for a DevTools connection
made after it opened; `Extensions.triggerAction` is the toolbar button; a right-click menu cannot
be seen or clicked in headless mode, so there its event is raised in the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Error,
    Page,
    Playwright,
    Worker,
    async_playwright,
)

from relay.core import places
from relay.edges.browsers import BrowserRefuses, piercing, until
from relay.edges.browsers.installed import Browser

EXTENSION_ID = "egcejpaeokcmogjmokfehabjofphekff"
PANEL = f"chrome-extension://{EXTENSION_ID}/panel/index.html"
#: The worker starts within a second; on a busy machine it may take several.
START_S = 8.0
TOAST_S = 8.0
#: About one press of the toolbar button in thirty is lost under load (measured 2026-11).
PRESS_AGAIN_S = 0.4

_BY_HAND = """{browser} does not take an unpacked extension from the command line.
Do this once: open chrome://extensions, switch "Developer mode" on, press "Load unpacked" and choose
{folder}
Or name another browser: metascalp-relay demo --browser PATH (Chromium, Edge, Brave, Firefox)."""


class Chromium:
    """A running browser. page: its one tab. settings: the file that its relay follows."""

    settings: Path

    def __init__(self, tools: Playwright, context: BrowserContext, profile: Path) -> None:
        self.context = context
        self.page: Page = context.pages[0]
        self.worker: Worker
        self._tools = tools
        self._profile = profile
        self._panel: Page | None = None
        self._keeper: Page | None = None
        self._devtools_session: CDPSession | None = None

    async def goto(self, url: str) -> None:
        await self.page.goto(url)

    async def alt_click(self, selector: str) -> None:
        await self.page.click(selector, modifiers=["Alt"])

    async def toast(self) -> dict[str, str]:
        """State and code of the toast on the page, waited for until it tells an outcome."""

        async def told() -> dict[str, str] | None:
            return piercing.toast(piercing.devtools(await self.document()))

        return await until(told, TOAST_S)

    async def document(self) -> dict[str, Any]:
        """The page's tree of nodes, closed shadow roots too, as DevTools writes it."""
        devtools = await self._devtools()
        answer = await devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})
        return dict(answer["root"])

    async def press_chip(self, label: str) -> None:
        """Presses a button of the toast; the page itself could not reach it."""

        async def button() -> int | None:
            return piercing.button(piercing.devtools(await self.document()), label)

        place = {"backendNodeId": await until(button, TOAST_S)}
        devtools = await self._devtools()
        await devtools.send("DOM.scrollIntoViewIfNeeded", place)
        box = await devtools.send("DOM.getBoxModel", place)
        x, y, _, _, right, bottom, *_ = box["model"]["border"]
        await self.page.mouse.click((x + right) / 2, (y + bottom) / 2)

    async def menu(self, method: str, selector: str) -> None:
        """Selects an element's text and chooses "open" or "combo" from the context menu.

        The menu itself cannot be reached in headless mode: its event is raised in the worker.
        """
        text = await self.page.locator(selector).evaluate(
            "node => { getSelection().selectAllChildren(node); return String(getSelection()); }"
        )
        data = {
            "menuItemId": f"{method}-part",
            "selectionText": text,
            "pageUrl": self.page.url,
            "editable": False,
        }
        script = (
            "data => chrome.tabs.query({active: true, lastFocusedWindow: true}).then(tabs =>"
            " chrome.contextMenus.onClicked.dispatch(data, tabs[0]))"
        )
        await self.worker.evaluate(script, data)

    async def panel_has(self, order: str) -> None:
        """Waits until the panel shows an order."""
        panel = await self.open_panel()
        await panel.locator(_row(order)).wait_for(timeout=10_000)

    async def panel_lacks(self, order: str) -> None:
        """Waits until the panel shows an order no more."""
        panel = await self.open_panel()
        await panel.locator(_row(order)).wait_for(state="detached", timeout=10_000)

    async def panel_cancel(self, order: str) -> None:
        """Cancels an order as a trader does: the button in its row, then the confirmation."""
        panel = await self.open_panel()
        await panel.click(f"{_row(order)} [data-action=cancel]")
        await panel.click(f"{_row(order)} [data-action=confirm-cancel]")

    async def shoot(self, page: Path, panel: Path) -> None:
        """Pictures of the page and of the panel."""
        await self.page.screenshot(path=page)
        await (await self.open_panel()).screenshot(path=panel)

    async def open_panel(self) -> Page:
        """Presses the toolbar button until the side panel is there; gives it as a page."""
        if self._panel is not None:
            return self._panel
        session = await self._browser_session()
        targets = await session.send("Target.getTargets", {"filter": [{"type": "tab"}]})
        tab = targets["targetInfos"][0]["targetId"]
        async with asyncio.timeout(START_S):
            while self._panel is None:
                action = {"id": EXTENSION_ID, "targetId": tab}
                await session.send("Extensions.triggerAction", action)
                await asyncio.sleep(PRESS_AGAIN_S)
                self._panel = await self._find_panel()
        return self._panel

    async def wait_closed(self) -> None:
        """Waits until the trader has closed the browser."""
        await self.context.wait_for_event("close", timeout=0)

    async def stop_worker(self) -> None:
        """Kills the extension's worker, as the browser does when it has been idle for long.

        The page this is done from stays open: closing a tab would wake the worker at once.
        """
        if self._keeper is None:
            self._keeper = await self.context.new_page()
            await self._keeper.goto(f"chrome-extension://{EXTENSION_ID}/icons/16.png")
            await self.page.bring_to_front()
        session = await self.context.new_cdp_session(self._keeper)
        stopped = asyncio.Event()

        def look(event: Mapping[str, Any]) -> None:
            if any(version["runningStatus"] == "stopped" for version in event["versions"]):
                stopped.set()

        session.on("ServiceWorker.workerVersionUpdated", look)
        await session.send("ServiceWorker.enable")
        await session.send("ServiceWorker.stopAllWorkers")
        async with asyncio.timeout(START_S):
            await stopped.wait()
        await session.detach()

    async def _devtools(self) -> CDPSession:
        """A session that sees into closed shadow roots, one for the life of the tab."""
        if self._devtools_session is None:
            self._devtools_session = await self.context.new_cdp_session(self.page)
        return self._devtools_session

    async def _find_panel(self) -> Page | None:
        """The panel, over a connection made now; one made earlier would not see it."""
        port = (self._profile / "DevToolsActivePort").read_text().split()[0]
        over = await self._tools.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        for page in over.contexts[0].pages:
            if page.url.startswith(PANEL):
                return page
        await over.close()
        return None

    async def _browser_session(self) -> CDPSession:
        browser = self.context.browser
        assert browser is not None, "a persistent context of Chromium has its browser"
        return await browser.new_browser_cdp_session()


def _row(order: str) -> str:
    return f"section[data-section=orders] tr[data-key='{order}']"


@asynccontextmanager
async def launch(
    browser: Browser,
    home: Path,
    profile: Path,
    *,
    headless: bool,
    sites_port: int | None = None,
    locale: str = "en-US",
    scheme: str = "dark",
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Chromium]:
    """A running browser; BrowserRefuses when it takes no unpacked extension.

    sites_port: where every https host is to be found instead of on the network.
    """
    _prepare(profile)
    async with async_playwright() as tools:
        context = await tools.chromium.launch_persistent_context(
            str(profile),
            executable_path=browser.path,
            headless=headless,
            args=_arguments(sites_port, locale),
            ignore_default_args=["--disable-extensions"],
            ignore_https_errors=sites_port is not None,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": 1180, "height": 740} if headless else None,
            no_viewport=not headless,
            env={**os.environ, "HOME": str(home), "LANGUAGE": locale[:2], **(env or {})},
        )
        try:
            running = Chromium(tools, context, profile)
            running.worker = await _worker(running, browser)
            yield running
        finally:
            with contextlib.suppress(Error):  # The trader, or Ctrl+C, may have closed it already.
                await context.close()


def _prepare(profile: Path) -> None:
    """Unpacked extensions need developer mode; without it a reload leaves ours switched off."""
    settings = profile / "Default/Preferences"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"extensions": {"ui": {"developer_mode": True}}}))


def _arguments(sites_port: int | None, locale: str) -> list[str]:
    folder = places.shipped("extension")
    arguments = [
        f"--disable-extensions-except={folder}",
        f"--load-extension={folder}",
        "--remote-debugging-port=0",
        "--enable-unsafe-extension-debugging",
        "--no-first-run",
        "--test-type",  # No bar about the flags below.
        "--disable-quic",
        f"--lang={locale}",
    ]
    if sites_port is not None:
        rules = f"MAP *:443 127.0.0.1:{sites_port}, MAP * ~NOTFOUND, EXCLUDE *localhost"
        arguments += [
            f"--host-resolver-rules={rules}, EXCLUDE *localhost., EXCLUDE *.0.0.*, EXCLUDE *::*",
            # Else the pages would count as local ones, and checks on the network would not run.
            f"--ip-address-space-overrides=127.0.0.1:{sites_port}=public",
        ]
    return arguments


async def _worker(running: Chromium, browser: Browser) -> Worker:
    """The extension's worker; loaded by DevTools where --load-extension is gone (Chrome 137)."""
    for load in (False, True):
        if load:
            await _load_by_devtools(running, browser)
        try:
            return await _wait_for_worker(running.context, START_S / 2)
        except TimeoutError:
            continue
    raise BrowserRefuses(_BY_HAND.format(browser=browser.name, folder=places.shipped("extension")))


async def _wait_for_worker(context: BrowserContext, timeout_s: float) -> Worker:
    async with asyncio.timeout(timeout_s):
        while True:
            for worker in context.service_workers:
                if EXTENSION_ID in worker.url:
                    return worker
            await asyncio.sleep(0.02)


async def _load_by_devtools(running: Chromium, browser: Browser) -> None:
    folder = str(places.shipped("extension"))
    try:
        session = await running._browser_session()
        await session.send("Extensions.loadUnpacked", {"path": folder})
    except Error as error:
        text = _BY_HAND.format(browser=browser.name, folder=folder)
        raise BrowserRefuses(text) from error
