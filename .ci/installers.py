"""Installs, upgrades and prunes with each installer for real: python .ci/installers.py

By the words of README, in a checkout that becomes the next version; and a wheel. The manifest
written once must still lead to a relay that answers `hello` after an upgrade of the package and
after every cache was emptied; uninstall must leave nothing. Wants a package index.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEXT = "0.1.999"
MANIFEST = ".config/chromium/NativeMessagingHosts/metascalp_relay.json"


Command = tuple[str | Path, ...]


@dataclass
class Way:
    """One way to install and to upgrade. command: ours, as it is found afterwards."""

    command: Path
    install: list[Command]
    upgrade: list[Command]


def run(*command: str | Path, cwd: Path | None = None, **env: str) -> str:
    done = subprocess.run(
        [str(one) for one in command],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **env},
    )
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def checkout(folder: Path) -> Path:
    """A copy of this one, without what git does not have and others may be writing now."""
    kept = shutil.ignore_patterns(
        ".git", "node_modules", ".venv", "*.egg-info", "demo-out", "__pycache__", ".*_cache"
    )
    shutil.copytree(ROOT, folder, ignore=kept)
    return folder


def become_next(source: Path) -> None:
    """What a later `git pull` does."""
    for name in ("relay/__init__.py", "extension/manifest.json"):
        text = (source / name).read_text("utf-8")
        (source / name).write_text(text.replace('"0.1.0"', f'"{NEXT}"'), "utf-8")


def wheel(source: Path, out: Path) -> Path:
    """README's own command."""
    command = ("-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", out, ".")
    run(sys.executable, *command, cwd=source)
    return next(out.glob("*.whl"))


def hello(home: Path) -> str:
    """The version that answers when a browser starts what the manifest names."""
    host = json.loads((home / MANIFEST).read_text("utf-8"))["path"]
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {}}).encode()
    done = subprocess.run(
        [host, "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"],
        input=struct.pack("=I", len(body)) + body,
        capture_output=True,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        cwd=(home / MANIFEST).parent,
        timeout=30,
    )
    length = struct.unpack_from("=I", done.stdout)[0]
    return str(json.loads(done.stdout[4 : 4 + length])["result"]["version"])


def index() -> dict[str, str]:
    """Where packages come from, as this user has set it up: the one of the test has no settings."""
    found = {}
    for name in ("index-url", "extra-index-url", "find-links", "trusted-host", "cert"):
        ask = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
        said = subprocess.run(ask, capture_output=True, text=True).stdout.strip()
        variable = f"PIP_{name.upper().replace('-', '_')}"
        if said and variable not in os.environ:
            found[variable] = said
        if said and name == "index-url" and "UV_INDEX_URL" not in os.environ:
            found["UV_INDEX_URL"] = said
    return found


@contextmanager
def user(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """A home with a Chromium in it; what every command sees of the world."""
    home = folder / name
    (home / ".config/chromium").mkdir(parents=True)
    yield {
        **index(),
        "HOME": str(home),
        "PIPX_HOME": str(home / ".local/share/pipx"),
        "PIPX_BIN_DIR": str(home / ".local/bin"),
        "UV_CACHE_DIR": str(home / ".cache/uv"),
        "UV_TOOL_DIR": str(home / ".local/share/uv/tools"),
        "UV_TOOL_BIN_DIR": str(home / ".local/bin"),
        "UV_PYTHON": sys.executable,
    }


def try_one(folder: Path, name: str, source: Path, way: Callable[[Path], Way]) -> None:
    began = time.monotonic()
    with user(folder, name) as env:
        home = Path(env["HOME"])
        before = {path for path in (home / ".config").rglob("*")}
        steps = way(home)
        for step in steps.install:
            run(*step, cwd=source, **env)
        run(steps.command, "install", **env)
        written = (home / MANIFEST).read_bytes()
        first = hello(home)
        become_next(source)
        for step in steps.upgrade:
            run(*step, cwd=source, **env)
        for cache in (".cache/uv", ".cache/pip", ".local/share/pipx/.cache"):
            shutil.rmtree(home / cache, ignore_errors=True)
        after = hello(home)
        assert (home / MANIFEST).read_bytes() == written, "the manifest was written anew"
        assert (first, after) == ("0.1.0", NEXT), f"{name}: {first} then {after}"
        assert "Nothing had to be changed" in run(steps.command, "install", **env)
        run(steps.command, "uninstall", **env)
        assert {path for path in (home / ".config").rglob("*")} == before, "something is left"
        host = json.loads(written)["path"].replace(str(home), "~")
    print(f"{name:8} {time.monotonic() - began:5.1f} s  {first} -> {after}  {host}", flush=True)


def with_venv(home: Path) -> Way:
    """`py -m pip install .` where there is no `py`."""
    make = (sys.executable, "-m", "venv", home / "venv")
    pip = (home / "venv/bin/python", "-m", "pip", "install", "-q", ".")
    return Way(home / "venv/bin/metascalp-relay", [make, pip], [pip])


def with_wheels(old: Path, new: Path) -> Callable[[Path], Way]:
    def way(home: Path) -> Way:
        make = (sys.executable, "-m", "venv", home / "venv")
        pip = (home / "venv/bin/python", "-m", "pip", "install", "-q", "--upgrade")
        return Way(home / "venv/bin/metascalp-relay", [make, (*pip, old)], [(*pip, new)])

    return way


def with_pipx(home: Path) -> Way:
    pipx = (sys.executable, "-m", "pipx")
    upgrade = [(*pipx, "upgrade", "-q", "metascalp-relay"), (*pipx, "reinstall", "metascalp-relay")]
    return Way(home / ".local/bin/metascalp-relay", [(*pipx, "install", "-q", ".")], upgrade)


def with_uv(home: Path) -> Way:
    uv = (sys.executable, "-m", "uv")
    upgrade = [(*uv, "tool", "upgrade", "-q", "metascalp-relay"), (*uv, "cache", "clean", "-q")]
    install = [(*uv, "tool", "install", "-q", ".")]
    return Way(home / ".local/bin/metascalp-relay", install, upgrade)


def refused(folder: Path, old: Path) -> None:
    """A package runner's cache is no place for a host: install says so and writes nothing."""
    with user(folder, "runners") as env:
        home = Path(env["HOME"])
        pipx = [sys.executable, "-m", "pipx", "run", "--spec", str(old), "metascalp-relay"]
        uvx = [sys.executable, "-m", "uv", "tool", "run", "-q", "--from", str(old)]
        for name, start in (("pipx run", pipx), ("uvx", [*uvx, "metascalp-relay"])):
            done = subprocess.run(
                [*start, "install"], capture_output=True, text=True, env={**os.environ, **env}
            )
            assert done.returncode == 1, f"{name}: {done.stdout}{done.stderr}"
            assert "cache" in done.stderr, done.stderr
            assert not (home / MANIFEST).exists(), "a manifest was written"
            print(f"{name:8} refused: {done.stderr.strip().splitlines()[-1][:150]}", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="installers-") as name:
        folder = Path(name)
        for installer, way in (("venv", with_venv), ("pipx", with_pipx), ("uv tool", with_uv)):
            try_one(folder, installer, checkout(folder / f"{installer} source"), way)
        source = checkout(folder / "source")
        old = wheel(source, folder / "wheel")
        become_next(source)
        new = wheel(source, folder / "next wheel")
        try_one(folder, "wheels", source, with_wheels(old, new))
        refused(folder, old)


if __name__ == "__main__":
    main()
