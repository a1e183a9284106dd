"""The extension's modules without a browser: a script that uses them, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def in_node(script: str | Path, *given: Any) -> Any:
    """What a module script, or a file of one, writes as JSON. given: is in its arguments as JSON,
    from the first on, of a file from the second."""
    node = shutil.which("node")
    assert node, "Node is needed to run the extension's modules: install Node 18 or newer."
    what = ["--input-type=module", "-e", script] if isinstance(script, str) else [script]
    command = [node, *what, *map(json.dumps, given)]
    done = subprocess.run(command, capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return json.loads(done.stdout)


def sites_of(*names: str) -> dict[str, Any]:
    """What a book of these sites is made of."""
    folder = ROOT / "extension"
    return {
        "sites": [
            json.loads((folder / "sites" / f"{one}.json").read_text("utf-8")) for one in names
        ],
        "exchanges": json.loads((folder / "exchanges.json").read_text("utf-8")),
    }
