"""This file knows what of Firefox's own window is around a page: menu, keys, badge, address bar."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from relay.edges.browsers import until
from relay.edges.browsers.firefox_profile import ADDON_ID

MENU = "document.getElementById('contentAreaContextMenu')"


class Around:
    """The window. evaluate: gives the value of a script in it."""

    def __init__(self, evaluate: Callable[[str], Awaitable[Any]]) -> None:
        self._evaluate = evaluate

    async def menu_says(self, item: str, label: str) -> None:
        """Waits until an item of the open menu has this in its label: then it is drawn anew."""
        node = f"{MENU}.querySelector('[id$=\"_{item}\"]')"
        named = f"({node}?.label ?? '').includes({json.dumps(label)})"
        await until(lambda: self._evaluate(named))

    async def choose(self, item: str) -> str:
        """Chooses an item of ours from the open menu, its submenus opened first; its label.

        The extension names its items while the menu is open, and Firefox then makes them anew: what
        was opened may be closed again. So one script looks whether all is open and chooses, with
        nothing between, and is run until it could.
        """
        script = f"""(() => {{
          const node = {MENU}.querySelector({json.dumps(f'[id$="_{item}"]')});
          if (!node) return null;
          const closed = [];
          for (let one = node.parentNode; one !== {MENU}; one = one.parentNode)
            if (one.localName === 'menu' && one.menupopup.state !== 'open') closed.unshift(one);
          if (!closed.length) {{
            const label = node.label;
            node.parentNode.activateItem(node);
            return label;
          }}
          if (closed[0].menupopup.state === 'closed') closed[0].openMenu(true);
          return null;
        }})()"""
        return str(await until(lambda: self._evaluate(script)))

    async def press_key(self, key: str) -> None:
        """What a key of ours with Alt and Shift does; content never sees such a key."""
        node = f'document.querySelector(\'keyset[id^="ext-keyset"] key[key="{key}"]\')'
        await until(lambda: self._evaluate(f"{node} !== null"))
        await self._evaluate(f"void {node}.doCommand()")

    async def badge(self) -> str:
        """What the toolbar button of ours wears."""
        action = (
            "ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs')"
            ".ExtensionParent.apiManager.global.browserActionFor"
            f"(WebExtensionPolicy.getByID('{ADDON_ID}').extension).action"
        )
        script = f"{action}.getContextData(gBrowser.selectedTab).badgeText ?? ''"
        return str(await self._evaluate(script))

    async def address_bar(self, text: str) -> list[str]:
        """Types into the address bar; what it suggests, as it shows it."""
        script = f"""(async () => {{ gURLBar.focus(); gURLBar.value = {json.dumps(text)};
          await gURLBar.startQuery({{searchString: gURLBar.value}});
          const shown = gURLBar.view.visibleResults ?? [];
          const texts = shown.map(({{payload}}) => payload.title ?? payload.content);
          return JSON.stringify(texts); }})()"""
        found: list[str] = json.loads(await self._evaluate(script))
        return found

    async def enter_address(self) -> None:
        """Enter in the address bar."""
        event = "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 13})"
        await self._evaluate(f"void gURLBar.handleCommand({event})")
