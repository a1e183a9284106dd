"""This file knows the whole stage: a simulated terminal, stand-in sites, a browser with our parts.

Everything lies in one throw-away folder and ends with the context. The demo, the benchmark and the
browser tests stand on it.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from relay.core import places
from relay.edges.browsers import chromium, firefox, hosting
from relay.edges.browsers.chromium import Chromium
from relay.edges.browsers.firefox import Firefox
from relay.edges.browsers.installed import Browser


@asynccontextmanager
async def chromium_on(
    browser: Browser,
    terminal: str,
    *,
    headless: bool = True,
    sites_port: int | None = None,
    locale: str = "en-US",
    scheme: str = "dark",
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Chromium]:
    """A Chromium-family browser whose host speaks to this terminal ("127.0.0.1:PORT")."""
    with _placed(browser.name, terminal) as (home, profile):
        async with chromium.launch(
            browser,
            home,
            profile,
            headless=headless,
            sites_port=sites_port,
            locale=locale,
            scheme=scheme,
            env=env,
        ) as running:
            running.settings = home / "relay/config.toml"
            yield running


@asynccontextmanager
async def firefox_on(
    browser: Browser,
    terminal: str,
    *,
    headless: bool = True,
    sites_port: int | None = None,
    locale: str = "en-US",
    scheme: str = "dark",
) -> AsyncIterator[Firefox]:
    """A Firefox whose host speaks to this terminal ("127.0.0.1:PORT")."""
    with _placed("Firefox", terminal) as (home, profile):
        async with firefox.launch(
            browser,
            home,
            profile,
            headless=headless,
            sites_port=sites_port,
            locale=locale,
            scheme=scheme,
        ) as running:
            running.settings = home / "relay/config.toml"
            yield running


@contextmanager
def _placed(family: str, terminal: str) -> Iterator[tuple[Path, Path]]:
    """A throw-away home and profile with our host in place, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="metascalp-", ignore_cleanup_errors=True) as folder:
        home, profile = Path(folder) / "home", Path(folder) / "profile"
        with hosting.host(family, home, profile, _host_env(home, terminal)):
            yield home, profile


def _host_env(home: Path, terminal: str) -> dict[str, str]:
    return {
        places.TERMINAL_VARIABLE: terminal,
        places.HOME_VARIABLE: str(home / "relay"),
    }
