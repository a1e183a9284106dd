"""This file knows how to start a host as a browser does, and what each way of failing means.

The very file that the manifest names, with the browser's arguments, an environment that holds next
to nothing, and the manifest's folder as the current one; then `hello`, and one request that needs
the whole relay loaded.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from relay import PROTOCOL, __version__
from relay.edges.doctor.finding import Report, Works
from relay.edges.doctor.manifests import Named
from relay.edges.hosts import manifest as manifests
from relay.edges.hosts import program
from relay.edges.hosts.machine import Machine
from relay.edges.hosts.table import CHROMIUM
from relay.frames import MAX_BYTES, encode

#: Slower than this, and the first click may be late.
SLOW_S = 1.2
#: Until `hello` is answered: nearly the five seconds for which the extension waits. A first start
#: under the eyes of an antivirus may need them, and what works after all is no silent program.
HELLO_S = 4.8
#: Until everything is loaded, both counted from the start. Only for a host that needs it is the
#: doctor longer than its three seconds.
LOADED_S = 5.0
#: After the end of input; the relay itself takes a third of a second at most.
END_S = 0.5

_HELLO = {"version": __version__, "protocol": PROTOCOL, "browser": "doctor"}
#: Variables that a browser always has.
_KEPT = ("HOME", "USERPROFILE", "SYSTEMROOT", "COMSPEC", "LOCALAPPDATA", "APPDATA", "TEMP", "TMP")


@dataclass(frozen=True, slots=True)
class Started:
    """What a start came to. version: of the relay that answered."""

    fault: str | None
    detail: str = ""
    version: str = ""
    ms: int = 0


def examine(machine: Machine, named: list[Named], report: Report) -> None:
    """Starts each program once for each family of browsers, all at once."""
    groups: dict[tuple[Path, str], list[Named]] = {}
    for one in named:
        groups.setdefault((one.host, one.family), []).append(one)
    with ThreadPoolExecutor(max_workers=8) as threads:
        running = {key: threads.submit(_try, machine, ones[0]) for key, ones in groups.items()}
    for (host, _), ones in groups.items():
        started = running[host, ones[0].family].result()
        browsers = list(dict.fromkeys(one.browser for one in ones))
        if started.fault is not None:
            report.found(started.fault, host, started.detail, *browsers)
        if started.version:
            values = (started.version, str(started.ms), str(host))
            report.works.append(Works(", ".join(browsers), "host", values))


def _try(machine: Machine, one: Named) -> Started:
    wrong = program.fault(one.host, machine)
    if wrong is not None:
        return Started(wrong, str(one.host))
    windows = machine.system == "windows"
    started = start(one, machine.env, windows=windows)
    taken = taken_by_the_shell(str(one.host)) if windows and one.family == CHROMIUM else ""
    if started.fault is None and taken:
        return replace(started, fault="host-path-special", detail=taken)
    return started


def taken_by_the_shell(path: str) -> str:
    """The characters of a path that `cmd /d /c`, by which Chromium starts a host on Windows, would
    take for its own: by the rules that `cmd /?` prints; not yet seen on a Windows (2026-12)."""
    special = "%&()@^" if " " in path else "%&^,;="
    return " ".join(sorted(set(path) & set(special)))


def start(one: Named, env: Mapping[str, str], *, windows: bool = False) -> Started:
    """Starts a host and says what came of it; it is gone afterwards."""
    try:
        process = subprocess.Popen(
            arguments(one, windows=windows),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=one.manifest.parent,
            env=small(env),
            start_new_session=True,  # So that what it starts itself can be ended with it.
        )
    except OSError as error:
        return Started(_unstarted(error), error.strerror or str(error))
    ears = _Ears(process)
    try:
        return _talk(process, ears)
    finally:
        _end(process, END_S if len(ears.messages) > 1 else 0.0)
        ears.join()


def _end(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """Ends it as a browser does, by the end of input, and by force if that is not enough."""
    assert process.stdin is not None, "it was asked for"
    process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)
    with contextlib.suppress(OSError):  # All of it has ended.
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def arguments(one: Named, *, windows: bool) -> list[str]:
    """The command line of a browser. A Chromium on Windows also names the window that asked; none
    did when it was a service worker (Chromium's source, 2026-11)."""
    caller = manifests.own_callers(one.family)[0]
    if one.family == CHROMIUM:
        return [str(one.host), caller, *(["--parent-window=0"] if windows else [])]
    return [str(one.host), str(one.manifest), caller]


def small(env: Mapping[str, str]) -> dict[str, str]:
    """What is left of an environment when a browser was started from the desktop."""
    kept = {name: value for name, value in env.items() if name.upper() in _KEPT}
    root = kept.get("SYSTEMROOT", "")
    return {**kept, "PATH": f"{root}\\System32" if root else "/usr/bin:/bin"}


class _Ears:
    """Reads what a host says and complains, in threads, so that nothing has to wait for ever."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.messages: list[dict[str, Any]] = []
        self.garbled: str | None = None
        self.ended = False
        self.changed = threading.Condition()
        self._complaints = b""
        self._pipes: list[Any] = [process.stdout, process.stderr]
        self._threads = [
            threading.Thread(target=what, args=[pipe], daemon=True)
            for what, pipe in zip((self._listen, self._complain), self._pipes, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, count: int, until: float) -> bool:
        """Whether so many messages have come; ends early when no more can."""
        with self.changed:
            self.changed.wait_for(
                lambda: len(self.messages) >= count or self.ended, until - time.monotonic()
            )
            return len(self.messages) >= count

    def join(self) -> None:
        """Hears the rest; what something else still holds open is left to it."""
        for thread, pipe in zip(self._threads, self._pipes, strict=True):
            thread.join(1.0)
            if not thread.is_alive():
                pipe.close()

    def last_words(self) -> str:
        lines = self._complaints.decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def _listen(self, pipe: Any) -> None:
        try:
            while len(head := pipe.read(4)) == 4:
                (length,) = struct.unpack("=I", head)
                if length > MAX_BYTES:
                    raise ValueError(f"it begins with {head!r}")
                message = json.loads(pipe.read(length))
                if not isinstance(message, dict):
                    raise ValueError(f"a {type(message).__name__} came")
                with self.changed:
                    self.messages.append(message)
                    self.changed.notify_all()
            if head:
                raise ValueError(f"it ends with {head!r}")
        except (ValueError, RecursionError) as error:
            self.garbled = str(error)
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _complain(self, pipe: Any) -> None:
        while chunk := pipe.read1(4096):
            self._complaints = (self._complaints + chunk)[-8192:]


def _talk(process: subprocess.Popen[bytes], ears: _Ears) -> Started:
    began = time.monotonic()
    assert process.stdin is not None, "it was asked for"
    asked: tuple[tuple[str, dict[str, Any]], ...] = (("hello", _HELLO), ("config_get", {}))
    try:
        for number, (method, params) in enumerate(asked, 1):
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            os.write(process.stdin.fileno(), encode(request))
    except OSError:
        pass  # It has ended already; what it left tells why.
    if not ears.wait(1, began + HELLO_S):
        return _no_hello(process, ears)
    took = time.monotonic() - began
    hello = ears.messages[0].get("result")
    if not isinstance(hello, dict) or hello.get("app") != "metascalp-relay":
        return Started("host-garbles", str(ears.messages[0])[:200])
    if not ears.wait(2, began + LOADED_S):
        return _nothing_more(ears, took)
    fault, detail = _judge(hello, ears.messages[1:], took)
    return Started(fault, detail, str(hello.get("version")), round(took * 1000))


def _judge(
    hello: dict[str, Any], then: list[dict[str, Any]], took: float
) -> tuple[str | None, str]:
    if hello.get("protocol") != PROTOCOL:
        return "host-protocol-differs", f"protocol {hello.get('protocol')} instead of {PROTOCOL}"
    refused = then[0].get("error", {}).get("data", {})
    if refused.get("code") == "relay-broken":
        return "host-imports", str(refused.get("detail", ""))
    if hello.get("version") != __version__:
        return "host-version", f"{hello.get('version')} instead of {__version__}"
    if took > SLOW_S:
        return "host-slow", f"{took:.1f} s"
    return None, ""


def _nothing_more(ears: _Ears, took: float) -> Started:
    if ears.garbled is not None:
        return Started("host-garbles", f"after hello: {ears.garbled}")
    if ears.ended:
        return Started("host-exits", f"after hello: {ears.last_words()}")
    return Started("host-silent", f"hello after {took:.1f} s, nothing more in {LOADED_S:.1f} s")


def _no_hello(process: subprocess.Popen[bytes], ears: _Ears) -> Started:
    if ears.garbled is not None:
        return Started("host-garbles", ears.garbled)
    if not ears.ended:
        return Started("host-silent", f"nothing in {HELLO_S:.1f} s")
    try:
        code = process.wait(0.5)
    except subprocess.TimeoutExpired:
        return Started("host-silent", "it closed its output and stays")
    ears.join()
    words = ears.last_words()
    if code in (126, 127) or re.search(r"(bad interpreter|did not find executable)", words):
        return Started("host-no-interpreter", words)
    return Started("host-exits", f"exit code {code}" + (f": {words}" if words else ""))


def _unstarted(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "host-no-interpreter"  # The file itself is there: the one it names is not.
    if isinstance(error, PermissionError):
        return "host-not-executable"
    if error.errno == errno.ENOEXEC or os.name == "nt":
        return "host-not-a-program"
    return "host-exits"
