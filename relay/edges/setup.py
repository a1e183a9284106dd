"""This file knows the commands that set a machine up: install, uninstall."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Puts the commands among the others."""
    install = commands.add_parser("install", help="tell this user's browsers where the host is")
    install.add_argument(
        "--extension", action="append", default=[], metavar="ID", help="let in an id of a store"
    )
    install.add_argument(
        "--user-data-dir", action="append", default=[], type=Path, metavar="FOLDER",
        help="a Chromium that keeps its data there",
    )  # fmt: skip
    install.set_defaults(handler=_install)
    uninstall = commands.add_parser("uninstall", help="take back what install wrote")
    uninstall.set_defaults(handler=_uninstall)


def _install(arguments: argparse.Namespace) -> int:
    from relay.edges import install, words
    from relay.edges.hosts import machine

    folders = [one.expanduser().absolute() for one in arguments.user_data_dir]
    done = install.install(machine.here(), None, arguments.extension, folders)
    named = ", ".join(done.browsers) or "every browser to come"
    print(f"{named}: the host is {done.host}")
    print("\n".join(done.places) if done.changed else "Nothing had to be changed.")
    for browser in done.sandboxed:
        said = words.here()
        print(f"{browser}: {said.fault('browser-sandboxed')} {said.fix('browser-sandboxed')}")
    for refusal in done.refused:
        print(refusal, file=sys.stderr)
    return 1 if done.refused else 0


def _uninstall(arguments: argparse.Namespace) -> int:
    from relay.edges import install
    from relay.edges.hosts import machine

    removed = install.uninstall(machine.here())
    print("\n".join(removed) or "Nothing was installed.")
    return 0
