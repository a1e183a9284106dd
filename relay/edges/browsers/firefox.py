"""This file knows how to run a Firefox with our extension in it, over WebDriver BiDi.

No driver program is needed: Firefox speaks BiDi itself (measured with Firefox 153, 2026-11).
`--remote-allow-system-access` lets us look at the sidebar and choose from the real context menu.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from relay.core import places
from relay.edges.browsers import BrowserRefuses, piercing, until
from relay.edges.browsers.bidi import Bidi, BidiError
from relay.edges.browsers.firefox_around import MENU, Around
from relay.edges.browsers.firefox_profile import ADDON_ID, UUID, write_settings
from relay.edges.browsers.installed import Browser

PANEL = f"moz-extension://{UUID}/panel/index.html"
START_S = 40.0


class Firefox:
    """A running browser. settings: the file that its relay follows."""

    settings: Path

    def __init__(self, bidi: Bidi) -> None:
        self.tab = ""
        self.window = ""
        self.command = bidi.command
        #: The browser's own window, around the page.
        self.around = Around(lambda script: self.evaluate(script, self.window))
        self._bidi = bidi

    async def evaluate(self, script: str, context: str | None = None) -> Any:
        """The value of a script in the tab, or in another context."""
        return await self._bidi.evaluate(script, context or self.tab)

    async def goto(self, url: str) -> None:
        await self.command("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    async def click(self, selector: str) -> None:
        await self._press_at(selector, 0, alt=False)

    async def alt_click(self, selector: str) -> None:
        await self._press_at(selector, 0, alt=True)

    async def toast(self) -> dict[str, str]:
        """State and code of the toast on the page, waited for until it tells an outcome."""

        async def told() -> dict[str, str] | None:
            return piercing.toast(piercing.bidi(await self._bidi.document(self.tab)))

        return await until(told)

    async def menu(self, method: str, selector: str) -> None:
        """Selects an element's text, right-clicks it and chooses our item "open" or "combo"."""
        await self.open_menu(selector, select=True)
        await self.around.choose(f"{method}-part")

    async def open_menu(self, selector: str, *, select: bool = False) -> None:
        """Right-clicks an element, its text selected or not, and waits for the browser's menu."""
        node = f"document.querySelector({json.dumps(selector)})"
        select_it = f"void getSelection().selectAllChildren({node})"
        await self.evaluate(select_it if select else "void getSelection().removeAllRanges()")
        await self._press_at(selector, 2, alt=False)
        await until(lambda: self.evaluate(f"{MENU}.state === 'open'", self.window))

    async def panel_has(self, order: str) -> None:
        """Waits until the sidebar shows an order."""
        await self.open_panel()
        await until(lambda: self.panel(f"panel.querySelector({_row(order)}) !== null"))

    async def panel_lacks(self, order: str) -> None:
        """Waits until the sidebar shows an order no more."""
        await until(lambda: self.panel(f"panel.querySelector({_row(order)}) === null"))

    async def panel_cancel(self, order: str) -> None:
        """Cancels an order: the button in its row, then the confirmation.

        Firefox lets no tool click into a sidebar, so the same page is used in a tab.
        """
        page, before = await self._extension_tab(), self.tab
        await self.command("browsingContext.activate", context=page)
        self.tab = page
        try:
            for action in ("cancel", "confirm-cancel"):
                await self._press_at(f"{_selector(order)} [data-action={action}]", 0, alt=False)
        finally:
            self.tab = before
            await self.command("browsingContext.activate", context=before)

    async def shoot(self, page: Path, panel: Path) -> None:
        """Pictures of the page and of the whole window with its sidebar."""
        answer = await self.command("browsingContext.captureScreenshot", context=self.tab)
        page.write_bytes(base64.b64decode(answer["data"]))
        await self.screenshot_window(panel)

    async def open_panel(self) -> None:
        """Presses the toolbar button, which opens the sidebar, and waits until it is open."""
        if await self.evaluate("SidebarController.isOpen", self.window):
            return
        extension = f"WebExtensionPolicy.getByID('{ADDON_ID}').extension"
        press = (
            "ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs')"
            ".ExtensionParent.apiManager.global.browserActionFor"
            f"({extension}).triggerAction(window)"
        )
        await self.evaluate(f"void {press}", self.window)
        await until(lambda: self.evaluate("SidebarController.isOpen", self.window))

    async def panel(self, script: str) -> Any:
        """Evaluates in the sidebar's document, called `panel` in the script."""
        opener = "browser.extension.getViews({type: 'sidebar'})[0]"
        return await self.evaluate(
            f"(() => {{ const panel = {opener}?.document; return panel ? ({script}) : null; }})()",
            await self._extension_tab(),
        )

    async def screenshot_window(self, path: Path) -> None:
        """The whole window with its sidebar, drawn by the browser itself."""
        script = """(async () => {
          const size = [window.innerWidth, window.innerHeight];
          const rect = new DOMRect(0, 0, ...size);
          const bitmap = await window.browsingContext.currentWindowGlobal.drawSnapshot(
            rect, 1, 'rgb(255,255,255)');
          const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
          [canvas.width, canvas.height] = size;
          canvas.getContext('2d').drawImage(bitmap, 0, 0);
          return canvas.toDataURL('image/png').split(',')[1];
        })()"""
        path.write_bytes(base64.b64decode(await self.evaluate(script, self.window)))

    async def wait_closed(self) -> None:
        """Waits until the trader has closed the browser."""
        await self._bidi.closed.wait()

    async def stop_background(self) -> None:
        """Ends the event page, as the browser does when it has been idle for long."""
        extension = f"WebExtensionPolicy.getByID('{ADDON_ID}').extension"
        options = "{ignoreDevToolsAttached: true, disableResetIdleForTest: true}"
        await self.evaluate(
            f"{extension}.terminateBackground({options}).then(() => 1)", self.window
        )

    async def _extension_tab(self) -> str:
        """A page of the extension in a tab of its own: only from there are its views reached."""
        tree = await self.command("browsingContext.getTree")
        for context in tree["contexts"]:
            if context["url"].startswith(f"moz-extension://{UUID}/"):
                return str(context["context"])
        made = await self.command("browsingContext.create", type="tab", background=True)
        url = f"moz-extension://{UUID}/panel/index.html"
        await self.command(
            "browsingContext.navigate", context=made["context"], url=url, wait="complete"
        )
        return str(made["context"])

    async def _resting_place(self, selector: str) -> tuple[int, int] | None:
        """Where to press an element: its middle, once it rests there and nothing covers it."""
        script = """(async () => {
          const node = document.querySelector(SELECTOR);
          const place = () => {
            const box = node.getBoundingClientRect();
            return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
          };
          if (!node) return null;
          const before = place();
          await new Promise(done => setTimeout(done, 80));
          const [x, y] = place();
          const hit = document.elementFromPoint(x, y);
          const still = before[0] === x && before[1] === y && hit && node.contains(hit);
          return still ? JSON.stringify([x, y]) : null;
        })()""".replace("SELECTOR", json.dumps(selector))
        found = await self.evaluate(script)
        return tuple(json.loads(found)) if found else None

    async def _press_at(self, selector: str, button: int, *, alt: bool) -> None:
        x, y = await until(lambda: self._resting_place(selector))
        alt_key = "\ue00a"
        press = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": button},
            {"type": "pointerUp", "button": button},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": press}
        keys: list[dict[str, Any]] = []
        if alt:
            pause = {"type": "pause"}
            pointer = {**pointer, "actions": [pause, *press, pause]}
            down, up = ({"type": kind, "value": alt_key} for kind in ("keyDown", "keyUp"))
            keys = [{"type": "key", "id": "keys", "actions": [down, pause, pause, pause, up]}]
        await self.command("input.performActions", context=self.tab, actions=[*keys, pointer])


def _selector(order: str) -> str:
    return f"section[data-section=orders] tr[data-key='{order}']"


def _row(order: str) -> str:
    return json.dumps(_selector(order))


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
) -> AsyncIterator[Firefox]:
    """A running browser with the extension in it, for as long as the context lasts."""
    write_settings(profile, sites_port, locale, scheme)
    port = _free_port()
    arguments = [browser.path, "--profile", str(profile), "--no-remote"]
    arguments += ["--remote-debugging-port", str(port), "--remote-allow-system-access"]
    arguments += ["--headless"] if headless else []
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *arguments, env={**os.environ, "HOME": str(home)}, stdout=quiet, stderr=quiet
    )
    try:
        async with aiohttp.ClientSession() as session:
            wire = await _connect(session, port, process)
            async with wire, asyncio.TaskGroup() as tasks:
                bidi = Bidi(wire)
                reader = tasks.create_task(bidi.read())
                firefox = Firefox(bidi)
                await _set_up(firefox)
                yield firefox
                with suppress(ConnectionError):  # It may have been ended meanwhile.
                    await firefox.command("browser.close")
                reader.cancel()
    finally:
        await _end(process)


async def _set_up(firefox: Firefox) -> None:
    wanted = {"alwaysMatch": {"acceptInsecureCerts": True}}
    await firefox.command("session.new", capabilities=wanted)
    tree = await firefox.command("browsingContext.getTree")
    firefox.tab = tree["contexts"][0]["context"]
    chrome = await firefox.command("browsingContext.getTree", **{"moz:scope": "chrome"})
    firefox.window = chrome["contexts"][0]["context"]
    folder = {"type": "path", "path": str(places.shipped("extension"))}
    try:
        await firefox.command("webExtension.install", extensionData=folder)
    except BidiError as error:
        raise BrowserRefuses(f"Firefox does not take the extension: {error}") from error


async def _connect(
    session: aiohttp.ClientSession, port: int, process: asyncio.subprocess.Process
) -> aiohttp.ClientWebSocketResponse:
    async with asyncio.timeout(START_S):
        while process.returncode is None:
            try:
                return await session.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0)
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.1)
    raise BrowserRefuses(f"Firefox ended at once with code {process.returncode}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Waits for the browser to end, and sees to it when it does not."""
    for end in (None, process.terminate, process.kill):
        if process.returncode is not None:
            return
        if end is not None:
            end()
        try:
            async with asyncio.timeout(6):
                await process.wait()
        except TimeoutError:
            continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
