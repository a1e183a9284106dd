"""Real browsers, a real fault each: what they say leads to a list with that very cause in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relay.edges.browsers import stage
from relay.edges.browsers.chromium import EXTENSION_ID

from .conftest import browser_named

NOBODY = "127.0.0.1:1"
FILE = "metascalp_relay.json"

#: What the extension does with its port, in a page of its own; told: the causes, or that it works.
ASK = """(async (family) => {
  const { portCode } = await import("/relay.js");
  const { causesOf } = await import("/causes.js");
  const api = globalThis.browser ?? globalThis.chrome;
  const said = await new Promise((done) => {
    const port = api.runtime.connectNative("metascalp_relay");
    port.onMessage.addListener(() => { port.disconnect(); done(null); });
    port.onDisconnect.addListener(() =>
      done(port.error?.message ?? api.runtime.lastError?.message ?? ""));
    port.postMessage({ jsonrpc: "2.0", id: 1, method: "hello", params: {} });
    setTimeout(() => { port.disconnect(); done("silent"); }, 4000);
  });
  if (said === null) return { works: true };
  const code = said === "silent" ? "host-broken" : portCode(said);
  const text = said === "silent" ? "" : said;
  const os = (await api.runtime.getPlatformInfo()).os;
  return { said, causes: causesOf({ code, text, family, os }).map(({ cause }) => cause) };
})"""


class Place:
    """Where a browser looks; put back after each fault."""

    def __init__(self, manifest: Path) -> None:
        self.manifest = manifest
        self.good = manifest.read_text("utf-8")
        self.host = Path(json.loads(self.good)["path"])
        self.program = self.host.read_text("utf-8")

    def edit(self, **changes: Any) -> None:
        self.manifest.write_text(json.dumps({**json.loads(self.good), **changes}))

    def replace(self, text: str) -> None:
        self.host.write_text(text)

    def mend(self) -> None:
        self.manifest.write_text(self.good)
        self.replace(self.program)
        self.host.chmod(0o700)


FAULTS: dict[str, Callable[[Place], Any]] = {
    "not-installed": lambda place: place.manifest.unlink(),
    "manifest-not-json": lambda place: place.manifest.write_text("{"),
    "manifest-wrong-name": lambda place: place.edit(name="other"),
    "manifest-wrong-type": lambda place: place.edit(type="pkcs11"),
    "manifest-no-description": lambda place: place.edit(description=7),
    "manifest-unfilled": lambda place: place.edit(path="{host}"),
    "manifest-relative-path": lambda place: place.edit(path="bin/host"),
    "manifest-wrong-extension": lambda place: place.edit(
        allowed_origins=[f"chrome-extension://{'a' * 32}/"], allowed_extensions=["a@b"]
    ),
    "host-file-missing": lambda place: place.edit(path=str(place.host.with_name("gone"))),
    "host-not-executable": lambda place: place.host.chmod(0o600),
    "host-no-interpreter": lambda place: place.replace("#!/of/an/old/venv/bin/python\n"),
    "host-exits": lambda place: place.replace(f"#!{sys.executable}\nimport gone\n"),
    "host-garbles": lambda place: place.replace("#!/bin/sh\necho Hello, this is another one\n"),
    # It ends with its port: one that stays would hold up the end of its browser.
    "host-silent": lambda place: place.replace("#!/bin/sh\nwhile read -r line; do :; done\n"),
}

#: Chromium takes a manifest with further keys.
FIREFOX_ALONE: dict[str, Callable[[Place], Any]] = {
    "manifest-unknown-key": lambda place: place.edit(moon=1),
}


async def judge(
    ask: Callable[[], Any], place: Place, faults: dict[str, Callable[[Place], Any]]
) -> dict[str, Any]:
    """What came of each fault; with the good one before and after them all."""
    told = {"sound": await ask()}
    for fault, put_in in faults.items():
        put_in(place)
        told[fault] = await ask()
        place.mend()
    told["mended"] = await ask()
    return told


def check(told: dict[str, Any]) -> None:
    assert told.pop("sound") == told.pop("mended") == {"works": True}
    for fault, said in told.items():
        assert fault in said.get("causes", ()), (fault, said)
    assert set(told) >= set(FAULTS)


@pytest.mark.chromium
async def test_chromium_leads_to_the_cause():
    browser = browser_named("Chromium", "Edge", "Brave", "Chrome")
    async with stage.chromium_on(browser, NOBODY) as running:
        page = await running.context.new_page()
        await page.goto(f"chrome-extension://{EXTENSION_ID}/icons/16.png")
        place = Place(running._profile / "NativeMessagingHosts" / FILE)

        check(await judge(lambda: page.evaluate(f"{ASK}('chromium')"), place, FAULTS))


@pytest.mark.firefox
async def test_firefox_leads_to_the_cause():
    async with stage.firefox_on(browser_named("Firefox"), NOBODY) as running:
        home = running.settings.parents[1]
        place = Place(home / ".mozilla/native-messaging-hosts" / FILE)
        tab = await running._extension_tab()

        async def ask() -> Any:
            return json.loads(await running.evaluate(f"{ASK}('firefox').then(JSON.stringify)", tab))

        check(await judge(ask, place, FAULTS | FIREFOX_ALONE))
