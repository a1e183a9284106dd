"""This file knows what a throw-away Firefox profile is to have set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ADDON_ID = "metascalp-relay@extension"
#: The origin of the extension's pages; without this each install would have one of its own.
UUID = "6a9d1c1e-1111-4222-8333-444455556666"

_QUIET: dict[str, Any] = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#x/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def write_settings(profile: Path, sites_port: int | None, locale: str, scheme: str) -> None:
    """Writes the settings of a new profile.

    sites_port: where every https host is to be found instead of on the network.
    """
    settings = {
        **_QUIET,
        "extensions.webextensions.uuids": json.dumps({ADDON_ID: UUID}),
        "intl.locale.requested": locale,
        "ui.systemUsesDarkTheme": int(scheme == "dark"),
        "layout.css.prefers-color-scheme.content-override": 0 if scheme == "dark" else 1,
    }
    if sites_port is not None:
        settings["network.dns.forceResolve"] = "127.0.0.1"
        settings["network.socket.forcePort"] = f"443={sites_port}"
        settings["network.lna.address_space.public.override"] = f"127.0.0.1:{sites_port}"
    profile.mkdir(parents=True, exist_ok=True)
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in settings.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
