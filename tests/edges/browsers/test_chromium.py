"""What to do with a browser that does not take the extension; the rest is in tests/extension."""

from __future__ import annotations

import pytest

from relay.edges.browsers import BrowserRefuses, chromium, stage
from relay.edges.browsers.installed import Browser
from tests.extension.conftest import browser_named

pytestmark = pytest.mark.chromium


def found() -> Browser:
    return browser_named("Chromium", "Edge", "Brave", "Chrome")


async def test_where_the_command_line_switch_is_gone_devtools_load_the_extension(monkeypatch):
    """Branded Chrome dropped --load-extension with version 137."""
    whole = chromium._arguments
    monkeypatch.setattr(
        chromium,
        "_arguments",
        lambda *given: (
            [one for one in whole(*given) if "extension" not in one.partition("=")[0]]
            + ["--enable-unsafe-extension-debugging"]
        ),
    )
    monkeypatch.setattr(chromium, "START_S", 4.0)

    async with stage.chromium_on(found(), "127.0.0.1:1") as running:
        assert chromium.EXTENSION_ID in running.worker.url


async def test_where_neither_works_it_says_exactly_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(chromium.places, "shipped", lambda name: _empty(tmp_path, name))
    monkeypatch.setattr(chromium, "START_S", 2.0)

    with pytest.raises(BrowserRefuses) as refused:
        async with stage.chromium_on(found(), "127.0.0.1:1"):
            pytest.fail("a folder without a manifest was taken for an extension")

    assert "Load unpacked" in refused.value.text
    assert str(tmp_path) in refused.value.text


def _empty(folder, name):
    """No extension; the host's manifests stay, so that only the extension is missing."""
    if name == "extension":
        return folder
    return SHIPPED(name)


SHIPPED = chromium.places.shipped
