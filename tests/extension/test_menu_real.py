"""The real right-click menu of Chromium, on a virtual screen, chosen from by real keys."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from relay.edges.browsers import until
from tests.extension.conftest import chromium_stage, held
from tests.extension.screen import screen, xdotool

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio]


async def selected(page: Any) -> tuple[int, int]:
    """Selects the pattern on the page, in front; gives where that is on the screen. Anew for each
    try: another item may have taken the selection away, or opened a page before it."""
    await page.bring_to_front()
    x, y = await page.evaluate(
        "() => { const node = document.querySelector('#pattern');"
        " getSelection().selectAllChildren(node);"
        " const box = node.getBoundingClientRect();"
        " return [screenX + box.x + box.width / 2,"
        "   screenY + outerHeight - innerHeight + box.y + box.height / 2]; }"
    )
    return round(x), round(y)


@pytest.mark.parametrize(
    ("downs", "path"), [(0, "/api/change-ticker"), (1, "/api/combo")], ids=["open", "combo"]
)
async def test_a_selection_goes_to_the_terminal_from_the_real_menu(downs, path):
    """Our items stand in a submenu, second from below; a key before the menu is up is lost, and one
    of several chooses another item, so the whole is tried again until the terminal has heard of it.
    """
    async with screen() as display:
        options = {"headless": False, "env": {"DISPLAY": display}}
        async with held(chromium_stage(**options)) as on:
            page = on.browser.page
            await on.browser.goto("https://chat.example/room")

            async def arrived() -> bool:
                return path in [command for command, _ in await on.terminal.commands()]

            await on.terminal.mark()
            for _ in range(10):
                x, y = await selected(page)
                await xdotool(display, "mousemove", x - 5, y, "mousemove", x, y, "click", 3)
                await asyncio.sleep(0.5)
                keys = ["Up", "Up", "Right", *["Down"] * downs, "Return"]
                await xdotool(display, "key", "--delay", 80, *keys)
                await asyncio.sleep(0.5)
                if await arrived():
                    break
                await xdotool(display, "key", "Escape", "Escape")

            assert await until(arrived)
