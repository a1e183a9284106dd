"""Makes `.readme/picture.png` from the real thing: python .readme/picture.py

A stand-in chart page and the side panel of one Chromium, after an Alt+click on a ticker, with the
simulated terminal behind them.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

from relay.edges.browsers import installed, sites, stage
from relay.edges.demo import CHART, ROW
from relay.metascalp.simulator import Simulator

HERE = Path(__file__).parent
PAGE = """<!doctype html><body style="margin:0;background:#8a93a3;padding:20px;
 display:flex;gap:14px;width:max-content">{}</body>"""
SHOT = '<img src="data:image/png;base64,{}" style="border-radius:8px;height:600px">'


async def main() -> None:
    browser = installed.choose(None)
    assert browser is not None, "the picture wants a browser"
    assert not browser.is_firefox, "the picture wants a Chromium"
    async with (
        Simulator(port=0, seed=1, rate=20.0) as terminal,
        sites.serve() as pages,
        stage.chromium_on(
            browser, f"127.0.0.1:{terminal.port}", sites_port=pages.port, scheme="dark"
        ) as trader,
    ):
        panel = await trader.open_panel()
        await panel.emulate_media(color_scheme="dark")
        await panel.set_viewport_size({"width": 360, "height": 600})
        await panel.locator("tr[data-key]").first.wait_for()
        await trader.page.set_viewport_size({"width": 900, "height": 600})
        await trader.goto(CHART)
        await trader.alt_click(ROW)
        await trader.toast()
        await asyncio.sleep(0.5)  # It slides in.
        shots = [await one.screenshot() for one in (trader.page, panel)]
        sheet = await trader.context.new_page()
        encoded = [SHOT.format(base64.b64encode(shot).decode()) for shot in shots]
        await sheet.set_content(PAGE.format("".join(encoded)))
        await sheet.locator("body").screenshot(path=HERE / "picture.png")


if __name__ == "__main__":
    asyncio.run(main())
