"""This file knows what is said of the relay, the terminal and its connections, in one piece."""

from __future__ import annotations

import os
from typing import Any

from relay import PROTOCOL, __version__
from relay.config import Config
from relay.core import places
from relay.core.feed import Feed
from relay.core.link import Link
from relay.errors import RelayError


def status_of(
    link: Link, feed: Feed, config: Config, problem: RelayError | None, opened: int
) -> dict[str, Any]:
    """problem: what is wrong with the settings. opened: tabs that can be closed again.

    others: addresses of terminals that are not taken for ours, while it is gone.
    staged: somebody has named the terminal in the environment, as the demo and tests do.
    """
    return {
        "relay": {
            "version": __version__,
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "staged": places.TERMINAL_VARIABLE in os.environ,
            "broken": feed.broken.text if feed.broken else None,
            "configProblem": problem and problem.text,
            "configWhy": problem and problem.params,
        },
        "terminal": {
            "state": link.state,
            "url": link.client.url if link.client else None,
            "version": link.version if link.client else None,
            "since": link.since_ms,
            "others": link.others,
        },
        "connections": [place.as_json() for place in link.connections],
        "orders": config.orders,
        "opened": opened,
    }
