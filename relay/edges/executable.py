"""This file knows the one-file program for people without Python: one file is both commands.

A browser cannot be told to give an argument of ours, so it is told apart by what browsers say:
Chromium the origin of the caller first, Firefox the manifest and the add-on's id (2026-11).
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """The host when a browser started us, else the command line."""
    if is_browser(sys.argv):
        from relay.edges import native

        native.main()
    else:
        from relay.edges import cli

        cli.main()


def is_browser(argv: list[str]) -> bool:
    """Whether a command line is a browser's."""
    if Path(argv[0]).stem == "metascalp-relay-host":
        return True
    said = argv[1:]
    if said and said[0].startswith("chrome-extension://"):
        return True
    return len(said) == 2 and said[0].endswith(".json") and "@" in said[1]


if __name__ == "__main__":
    main()
