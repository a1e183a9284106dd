"""Looks the installed libraries up among those with known holes, by pip-audit.

Where pip-audit or its data cannot be reached that is said, and is no failure: a machine without a
network builds as well. A known hole is one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path


def main() -> int:
    check = subprocess.run([sys.executable, "-m", "pip", "check"], check=False)
    if check.returncode:
        return 1
    with tempfile.TemporaryDirectory() as folder:
        return audit(Path(folder))


def audit(folder: Path) -> int:
    """Runs pip-audit from an environment of its own, so that nothing of it is what is looked at."""
    venv.create(folder / "venv", with_pip=True)
    names = ("bin/python", "Scripts/python.exe")
    python = next(path for name in names if (path := folder / "venv" / name).exists())
    wanted = [python, "-m", "pip", "install", "-q", "pip-audit"]
    if subprocess.run(wanted, capture_output=True, check=False).returncode:
        print("not audited: pip-audit cannot be had here")
        return 0
    report = folder / "report.json"
    where = sysconfig.get_path("purelib")
    command = [python, "-m", "pip_audit", "--path", where, "--format", "json", "--output", report]
    run = subprocess.run(
        [*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False
    )
    if not report.is_file():
        last = (run.stderr.strip().splitlines() or ["no word"])[-1]
        print(f"not audited: {last}")
        return 0
    found = json.loads(report.read_text("utf-8"))["dependencies"]
    looked = [one for one in found if "vulns" in one]
    unknown = [one for one in found if one not in looked]
    if unknown:
        print(f"not audited: {len(unknown)} libraries: {unknown[0].get('skip_reason')}")
    bad = [one for one in looked if one["vulns"]]
    for one in bad:
        known = ", ".join(hole["id"] for hole in one["vulns"])
        print(f"{one['name']} {one['version']}: {known}")
    print(f"{len(looked)} libraries audited, {len(bad)} with known holes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
