"""This file knows where things lie: settings, state, and what ships with the package."""

from __future__ import annotations

import json
import os
from pathlib import Path

import relay
from relay import exchanges
from relay.exchanges import Exchanges

#: Overrides both folders; for tests, for the demo, and for a portable install.
HOME_VARIABLE = "METASCALP_RELAY_HOME"
#: Overrides the setting `terminal`.
TERMINAL_VARIABLE = "METASCALP_RELAY_TERMINAL"


def config_file() -> Path:
    return _folder("user_config_path") / "config.toml"


def state_folder() -> Path:
    return _folder("user_state_path")


def shipped(name: str) -> Path:
    """The folder `extension` or `manifest`: inside an installed package, beside a checkout."""
    package = Path(relay.__file__).parent
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name


def load_exchanges() -> Exchanges:
    """The exchange table that both languages read."""
    text = (shipped("extension") / "exchanges.json").read_text(encoding="utf-8")
    return exchanges.parse(json.loads(text))


def _folder(which: str) -> Path:
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home)
    import platformdirs  # Only here: the native host must not wait for it.

    found: Path = getattr(platformdirs, which)("metascalp-relay", appauthor=False)
    return found
