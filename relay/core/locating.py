"""This file knows where the terminal has many instruments at once: all the tickers of a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from relay.core.link import Link
from relay.core.lists import Lists
from relay.find import Find
from relay.resolve import Preferences, resolve

#: Ten lists of 150 kB the first time; after that there is nothing to wait for.
LOAD_S = 5.0


async def locate(
    link: Link, lists: Lists, finds: Iterable[Find], preferences: Preferences
) -> list[dict[str, Any]]:
    """For each find {"code", "candidates"}: "found" with the best first, or why not and what else
    there is. Raises like the client."""
    client, places = await link.fresh()
    async with asyncio.timeout(LOAD_S):
        await lists.load(client, [one for one in places if one.state == "connected"])
    told = []
    for find in finds:
        found = resolve(find, places, lists.known, preferences)
        best = [found.best] if found.best else []
        candidates = [one.as_json() for one in (*best, *found.others)]
        told.append({"code": found.code, "candidates": candidates})
        await asyncio.sleep(0)  # A click that comes meanwhile goes between.
    return told
