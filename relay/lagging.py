"""This file knows what a reader that cannot keep up is owed, so that it slows nobody down.

A book is conflated to a new snapshot, a last value to its newest, trades are dropped and counted,
and what must not be missed is kept, in order, up to a bound; beyond it the reader is closed.
"""

from __future__ import annotations

from typing import Any

from relay import subscriptions
from relay.envelope import message
from relay.topic import Client, Effect, End, Tell, Topic

#: What may wait, in order, for a reader that cannot keep up.
MAX_KEPT = 1024 * 1024
TRY_AGAIN = 1013
"""Close code: come again later (WebSocket close code registry)."""
TOO_SLOW = f"read too slowly: more than {MAX_KEPT} bytes waited that must not be dropped"


def begin(client: Client) -> None:
    """From now on everything it reads is owed."""
    client.lagging = True
    for topic in client.topics.values():
        topic.starve(client)
        topic.behind[client] = None


def tell(client: Client, raw: bytes, out: list[Effect]) -> None:
    """A message that must not be missed: now, or when the reader is back."""
    if not client.lagging:
        out.append(Tell(client.reader, raw))
        return
    before, client.kept_bytes = client.kept_bytes, client.kept_bytes + len(raw)
    if client.kept_bytes <= MAX_KEPT:
        client.kept.append(raw)
    elif before <= MAX_KEPT:
        client.kept.clear()
        out.append(End(client.reader, TRY_AGAIN, TOO_SLOW))


def miss(topic: Topic, updates: list[bytes], out: list[Effect]) -> None:
    """Updates, all of one kind, that those of a topic who are behind do not get now."""
    said = subscriptions.hear(updates[-1])
    kind = said.kind if said is not None else ""
    policy = topic.family.updates.get(kind, "keep")
    for client in list(topic.behind):
        if policy == "keep":
            for raw in updates:
                tell(client, raw, out)
            continue
        client.dropped[topic] = client.dropped.get(topic, 0) + len(updates)
        if policy == "last":
            client.last[topic, kind] = updates[-1]


def forget(client: Client, topic: Topic) -> None:
    """It does not read this any more: nothing of it is owed."""
    client.dropped.pop(topic, None)
    for key in [key for key in client.last if key[0] is topic]:
        del client.last[key]


def repay_kept(client: Client, out: list[Effect]) -> int:
    """What must not be missed, in the order it came; gives how many bytes that is."""
    kept, client.kept, client.kept_bytes = client.kept, [], 0
    out += [Tell(client.reader, raw) for raw in kept]
    return sum(map(len, kept))


def repay_last(client: Client, topic: Topic, out: list[Effect]) -> int:
    """The newest values of a topic, and how much of it was missed for who asked to be told."""
    last = [client.last.pop(key) for key in list(client.last) if key[0] is topic]
    out += [Tell(client.reader, raw) for raw in last]
    missed = client.dropped.pop(topic, 0) - len(last)
    if client.status and missed > 0:
        out.append(Tell(client.reader, status("slow", topic, missed=missed)))
    return sum(map(len, last))


def status(state: str, topic: Topic, **more: Any) -> bytes:
    """`relay_status`, for who asked to be told what it missed."""
    return message("relay_status", {"state": state, **topic.about(), **more})


def lose(topic: Topic, now_ms: int, why: str, out: list[Effect]) -> None:
    """From now on something may be missed. why: "terminal" or "connection"."""
    if topic.lost_ms is None and topic.readers:
        topic.lost_ms = now_ms
        _say_status(topic, status("lost", topic, why=why), out)


def restore(topic: Topic, now_ms: int, out: list[Effect]) -> None:
    """Nothing is missed any more; a snapshot, where there is one, makes good what was."""
    if topic.lost_ms is None:
        return
    gap_ms, topic.lost_ms = now_ms - topic.lost_ms, None
    snapshot = bool(topic.family.first) and topic.fetches
    _say_status(topic, status("restored", topic, ms=gap_ms, snapshot=snapshot), out)


def _say_status(topic: Topic, raw: bytes, out: list[Effect]) -> None:
    for client in topic.readers:
        if client.status:
            tell(client, raw, out)
