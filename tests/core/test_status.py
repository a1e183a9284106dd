"""The status: what a panel and a script are told of everything, in one piece."""

from __future__ import annotations

import json

from relay.config import Config
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import BadConfig, RelayBroken
from relay.exchanges import Exchanges


async def test_what_is_wrong_is_in_it_and_all_of_it_is_json(exchanges: Exchanges) -> None:
    async with Relay(Config(), exchanges, Known(None)) as relay:
        well = relay.status()
        relay.config_problem = BadConfig("orders is 'x'", why="choice")
        relay.feed.broken = RelayBroken("no pydantic", detail="gone")
        ill = json.loads(json.dumps(relay.status()))

    assert (well["relay"]["broken"], well["relay"]["configProblem"], well["opened"]) == (
        None,
        None,
        0,
    )
    assert ill["relay"]["broken"] == "no pydantic"
    assert ill["relay"]["configProblem"] == "orders is 'x'"
    assert well["terminal"]["others"] == []
    assert ill["relay"]["configWhy"] == {"why": "choice"}
