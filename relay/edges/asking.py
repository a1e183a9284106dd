"""This file knows how a terminal's WebSocket is asked: a socket a question, and what it says.

What follows by itself, the updates of a subscription, is left out of an answer.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

import aiohttp

from relay.errors import TerminalGone

#: A frame that every build answers at once: it marks the end of an answer.
END_TYPE = "relay_probe_end"
END = f'{{"Type":"{END_TYPE}","Data":{{}}}}'
CLOSED, REFUSED = "closed with", "refused with"
ANSWER_S = 3.0
MOST = 50


async def ask(
    host: str, port: int, say: tuple[str, ...], headers: Mapping[str, str] | None = None
) -> list[str]:
    """The frames that answer, as they came; "closed with 1008" where the terminal ends it, "refused
    with 400" where headers of one's own are not taken.

    Raises TerminalGone when nobody takes a WebSocket.
    """
    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(
                f"ws://{host}:{port}/", max_msg_size=1 << 26, headers=headers
            )
        except aiohttp.WSServerHandshakeError as error:
            if headers:
                return [f"{REFUSED} {error.status}"]
            raise TerminalGone(f"no WebSocket at {host}:{port}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise TerminalGone(f"no WebSocket at {host}:{port}: {error}") from error
        async with socket:
            return [frame async for frame in _answers(socket, say)]


async def _answers(
    socket: aiohttp.ClientWebSocketResponse, say: tuple[str, ...]
) -> AsyncIterator[str]:
    try:
        for text in (*say, END):
            await socket.send_str(text)
    except ConnectionError:  # It may have closed after the first; what it said is still there.
        pass
    for _ in range(MOST):
        try:
            message = await socket.receive(ANSWER_S)
        except TimeoutError:
            return
        if message.type is not aiohttp.WSMsgType.TEXT:
            yield f"{CLOSED} {socket.close_code}"
            return
        if END_TYPE in message.data:
            return
        if not short(message.data).endswith("_update"):
            yield message.data


def short(frame: str) -> str:
    """The text of an error frame, the type of another one, in any spelling."""
    try:
        value = json.loads(frame)
        fields = {str(key).lower(): item for key, item in value.items()}
        kind, data = str(fields["type"]), fields["data"]
        if kind == "error":
            return str({str(key).lower(): item for key, item in data.items()}["error"])
    except (ValueError, KeyError, AttributeError, RecursionError):
        return frame[:200]
    return kind
