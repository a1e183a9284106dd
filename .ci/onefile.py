"""Tries the one-file program as somebody without Python has it: python .ci/onefile.py PROGRAM"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: What is wrong on a machine with no terminal and no extension loaded, and nothing else.
EXPECTED = ["extension-missing", "terminal-absent"]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onefile-") as name:
        folder = Path(name)
        home, program = folder / "home", folder / "Downloads" / "metascalp-relay"
        (home / ".config/chromium").mkdir(parents=True)
        program.parent.mkdir()
        shutil.copy(sys.argv[1], program)
        # No terminal may be found, whatever runs on this machine; no browser but the one.
        env = {"HOME": str(home), "METASCALP_RELAY_TERMINAL": "127.0.0.1:1", "LANG": "C.UTF-8"}

        def run(*words: str) -> str:
            done = subprocess.run(
                [program, *words], capture_output=True, text=True, env=env, timeout=60
            )
            if done.returncode and "doctor" not in words:
                raise SystemExit(f"{words}: {done.stdout}{done.stderr}")
            return done.stdout

        before = sorted(home.rglob("*"))
        began = time.monotonic()
        run("--version")
        start = time.monotonic() - began
        run("install")
        assert "Nothing had to be changed" in run("install")
        (copy,) = home.glob(".local/state/metascalp-relay/program/*/metascalp-relay-host")
        copy.chmod(0o644)
        assert "[host-not-executable]" in run("doctor", "--fix", "--language", "en")
        told = json.loads(run("doctor", "--json"))
        busy = ("port-foreign", "host-slow")  # What a machine with other work may have besides.
        faults = [one["fault"] for one in told["findings"] if one["fault"] not in busy]
        assert sorted(faults) == EXPECTED, told
        assert any("Chromium" in one["what"] for one in told["works"]), told
        run("extension", str(home / "extension"))
        assert (home / "extension/manifest.json").is_file()
        run("uninstall")
        assert sorted(home.rglob("*")) == before, "something is left"
        size = program.stat().st_size / 1e6
        hosts = "; ".join(one["how"] for one in told["works"])
        print(f"one file of {size:.1f} MB starts in {start:.2f} s; {hosts.replace(name, '')}")


if __name__ == "__main__":
    main()
