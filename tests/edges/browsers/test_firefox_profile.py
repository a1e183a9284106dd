from __future__ import annotations

import json
import re

import pytest

from relay.edges.browsers.firefox_profile import UUID, write_settings


def settings(folder) -> dict[str, object]:
    text = (folder / "user.js").read_text(encoding="utf-8")
    pairs = re.findall(r"^user_pref\((\".*?\"), (.*)\);$", text, re.MULTILINE)
    return {json.loads(name): json.loads(value) for name, value in pairs}


def test_the_extension_has_a_known_origin(tmp_path):
    write_settings(tmp_path / "profile", None, "ru", "dark")

    uuids = json.loads(str(settings(tmp_path / "profile")["extensions.webextensions.uuids"]))
    assert uuids == {"metascalp-relay@extension": UUID}


@pytest.mark.parametrize(("port", "forced"), [(None, None), (8443, "443=8443")])
def test_sites_are_only_replaced_when_asked(tmp_path, port, forced):
    write_settings(tmp_path, port, "en-US", "light")

    assert settings(tmp_path).get("network.socket.forcePort") == forced


@pytest.mark.parametrize(("scheme", "dark"), [("dark", 1), ("light", 0)])
def test_the_scheme_is_set(tmp_path, scheme, dark):
    write_settings(tmp_path, None, "en-US", scheme)

    assert settings(tmp_path)["ui.systemUsesDarkTheme"] == dark
