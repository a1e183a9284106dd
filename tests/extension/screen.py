"""A virtual screen and a real keyboard, for what a headless browser cannot show: its own menus and
its own questions."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def screen() -> AsyncIterator[str]:
    """A virtual screen; its name for DISPLAY."""
    for program in ("Xvfb", "xdotool"):
        assert shutil.which(program), f"{program} is missing; .ci/run installs it"
    source, sink = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(sink), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[sink],
        stderr=subprocess.DEVNULL,
    )
    os.close(sink)
    try:
        with os.fdopen(source) as answer:
            name = await asyncio.to_thread(answer.readline)
        yield f":{name.strip()}"
    finally:
        server.terminate()
        server.wait()


async def xdotool(display: str, *arguments: object) -> None:
    process = await asyncio.create_subprocess_exec(
        "xdotool", *map(str, arguments), env={**os.environ, "DISPLAY": display}
    )
    assert await process.wait() == 0
