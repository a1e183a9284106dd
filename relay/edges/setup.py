"""This file knows the commands that set a machine up: install, uninstall, extension, package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_LOAD = """{said}
Chrome, Edge, Brave, Vivaldi, Opera, Yandex and the like: open chrome://extensions, switch
"Developer mode" on and leave it on, press "Load unpacked", choose this folder.
Firefox: open about:debugging#/runtime/this-firefox, press "Load Temporary Add-on", choose
manifest.json in this folder."""


def add(commands: Commands) -> None:
    """Puts the commands among the others."""
    install = commands.add_parser("install", help="tell this user's browsers where the host is")
    install.add_argument(
        "--extension", action="append", default=[], metavar="ID", help="let in an id of a store"
    )
    install.add_argument(
        "--user-data-dir", action="append", default=[], type=_folder, metavar="FOLDER",
        help="a Chromium that keeps its data there",
    )  # fmt: skip
    install.set_defaults(handler=_install)
    uninstall = commands.add_parser("uninstall", help="take back what install wrote")
    uninstall.set_defaults(handler=_uninstall)

    extension = commands.add_parser("extension", help="write the extension into a folder")
    extension.add_argument("folder", metavar="PATH", type=_folder)
    extension.set_defaults(handler=_extension)
    package = commands.add_parser("package", help="write what is uploaded to the stores")
    package.add_argument("folder", metavar="DIR", type=_folder)
    package.set_defaults(handler=_package)


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _install(arguments: argparse.Namespace) -> int:
    from relay.edges import install, words
    from relay.edges.hosts import machine

    done = install.install(machine.here(), None, arguments.extension, arguments.user_data_dir)
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


def _extension(arguments: argparse.Namespace) -> int:
    from relay.edges import unpacked
    from relay.edges.hosts import machine

    changed = unpacked.unpack(machine.here(), arguments.folder)
    said = "Written" if changed else "Nothing had to be changed in"
    print(_LOAD.format(said=f"{said} {arguments.folder}"))
    return 0


def _package(arguments: argparse.Namespace) -> int:
    from relay.edges import package

    for made in package.package(arguments.folder):
        print(f"{made.path}  {made.size} bytes  sha256 {made.sha256}")
    return 0
