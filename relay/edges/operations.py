"""This file knows the operations: one table for every door, with the scope each one needs.

A door looks a name up, checks the scope, and calls `run`. What comes back is JSON.
`hello` is answered by the native door itself, before anything here is loaded.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from relay import actions
from relay.core.deadline import MAX_AGE_MS, until
from relay.core.relay import Relay
from relay.core.topics import TOPICS, Reader
from relay.edges import panel_operations
from relay.entries import of_command
from relay.errors import BadParams, RelayError, Stale, UnknownMethod

#: The last moment a clock can say: beyond it there is no time, and NaN is not below it either.
_LAST_MS = 1e15

#: Far more than all exchanges list; it keeps the answer within one frame.
MAX_ASSETS = 20_000

#: Only for doors that events can be sent through.
FOR_SOCKETS = ("subscribe", "unsubscribe")

Params = Mapping[str, Any]
Run = Callable[[Relay, Params, Reader], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Operation:
    """scope: "read", "ui" or "trade". timed: it is a command, and dropped when too old."""

    scope: str
    run: Run
    timed: bool = False


async def perform(name: str, relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    """The result of an operation; raises RelayError for whatever stands against it."""
    operation = TABLE.get(name)
    if operation is None:
        raise UnknownMethod(f"no operation {name[:40]!r}", method=name[:40])
    if not operation.timed:
        return await operation.run(relay, params, reader)
    began_ms = int(time.time() * 1000)
    try:
        params = _in_time(params)
        result = await operation.run(relay, params, reader)
    except RelayError as error:
        refusal = {"state": "refused", "code": error.code, "text": error.text}
        relay.journal.note(of_command(name, params, refusal, began_ms))
        raise
    for outcome in result.get("outcomes", [result]):
        relay.journal.note(of_command(name, params, outcome, began_ms))
    return result


async def _status(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return await relay.fresh_status()


async def _open(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return (await relay.open(actions.open_of(params, relay.exchanges), until(params))).as_json()


async def _combo(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return (await relay.combo(actions.combo_of(params, relay.exchanges), until(params))).as_json()


async def _resolve(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    found = await relay.resolve(actions.find_of(params, relay.exchanges))
    best = [found.best] if found.best else []
    return {"code": found.code, "candidates": [one.as_json() for one in (*best, *found.others)]}


async def _assets(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return {"assets": (await relay.assets())[:MAX_ASSETS]}


async def _sites(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return relay.sites()


async def _cancel(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return (await relay.cancel(actions.cancel_of(params), until(params))).as_json()


async def _cancel_all(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return (await relay.cancel(actions.cancel_all_of(params), until(params))).as_json()


async def _pin(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    relay.pin(actions.pin_of(params))
    return {}


async def _bindings(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return await relay.desk.bindings()


async def _suggest(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return await relay.desk.suggest(*actions.suggest_of(params))


async def _holding(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return await relay.desk.holding(actions.find_of(params, relay.exchanges))


async def _lock(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    return await relay.desk.lock(actions.lock_of(params))


async def _alert(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    action = actions.alert_of(params, relay.exchanges)
    return (await relay.desk.alert(action, until(params))).as_json()


async def _notify(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    action = actions.notice_of(params, relay.exchanges)
    return (await relay.desk.notify(action, until(params))).as_json()


async def _subscribe(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    relay.subscribe(reader, _topics(params))
    return {"topics": sorted(reader.topics)}


async def _unsubscribe(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    reader.unsubscribe(_topics(params))
    return {"topics": sorted(reader.topics)}


async def _config_get(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    relay.settings.check()
    return relay.config.as_json()


async def _config_set(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
    # `at` may stand beside every request of a page.
    await relay.settings.save({name: value for name, value in params.items() if name != "at"})
    return relay.config.as_json()


def _rows(kind: str) -> Run:
    async def run(relay: Relay, params: Params, reader: Reader) -> dict[str, Any]:
        return {"rows": relay.rows(kind), "stale": sorted(relay.feed.mirror.stale)}

    return run


TABLE: dict[str, Operation] = {
    "status": Operation("read", _status),
    "orders": Operation("read", _rows("orders")),
    "positions": Operation("read", _rows("positions")),
    "balances": Operation("read", _rows("balances")),
    "resolve": Operation("read", _resolve),
    "assets": Operation("read", _assets),
    "sites": Operation("read", _sites),
    "subscribe": Operation("read", _subscribe),
    "unsubscribe": Operation("read", _unsubscribe),
    "config_get": Operation("read", _config_get),
    "config_set": Operation("ui", _config_set),
    "bindings": Operation("read", _bindings),
    "suggest": Operation("read", _suggest),
    "holding": Operation("read", _holding),
    "locate": Operation("read", panel_operations.locate_many),
    "known": Operation("read", panel_operations.known),
    "activity": Operation("read", panel_operations.activity),
    "activity_csv": Operation("read", panel_operations.activity_csv),
    "scan": Operation("read", panel_operations.scan),
    "scan_stop": Operation("read", panel_operations.scan_stop),
    "pin": Operation("ui", _pin),
    "lock": Operation("ui", _lock),
    "alert": Operation("ui", _alert, timed=True),
    "notify": Operation("ui", _notify, timed=True),
    "open": Operation("ui", _open, timed=True),
    "combo": Operation("ui", _combo, timed=True),
    "combos": Operation("ui", panel_operations.combos, timed=True),
    "close_opened": Operation("ui", panel_operations.close_opened, timed=True),
    "chart": Operation("ui", panel_operations.chart, timed=True),
    "cancel": Operation("trade", _cancel, timed=True),
    "cancel_all": Operation("trade", _cancel_all, timed=True),
}


def _topics(params: Params) -> set[str]:
    topics = params.get("topics")
    if not isinstance(topics, list) or not all(topic in TOPICS for topic in topics):
        raise BadParams(f"topics must be a list out of {', '.join(TOPICS)}", field="topics")
    return set(topics)


def _in_time(params: Params) -> Params:
    """Refuses a command whose `at` (epoch milliseconds, of this same machine) is too long ago. One
    that lies ahead, or without a time, is of now: it would be young for ever."""
    now = time.time() * 1000
    at = now if params.get("at") is None else params["at"]
    if not isinstance(at, int | float) or isinstance(at, bool) or not abs(at) < _LAST_MS:
        raise BadParams("at must be epoch milliseconds", field="at")
    age = now - at
    if age > MAX_AGE_MS:
        raise Stale(f"the command is {age:.0f} ms old and was dropped", ms=round(age))
    return {**params, "at": min(at, now)}
