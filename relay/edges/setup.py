"""This file knows the commands that set a machine up, mend it, and make our packages."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from relay.errors import RelayError

if TYPE_CHECKING:
    from relay.edges.words import Words

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

    doctor = commands.add_parser("doctor", help="say why a click does not arrive")
    doctor.add_argument("--fix", action="store_true", help="mend what it may")
    doctor.add_argument("--list", action="store_true", help="every fault it knows")
    doctor.add_argument("--json", action="store_true", help="for machines")
    doctor.add_argument("--language", choices=("en", "ru"), help="default: the system's")
    doctor.set_defaults(handler=_doctor)

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
    said = words.here()
    for fault, ones in (
        ("browser-sandboxed", done.sandboxed),
        ("profile-elsewhere", done.elsewhere),
    ):
        for one in ones:
            print(f"{one}: {said.fault(fault)} {said.fix(fault)}")
    for refusal in done.refused:
        print(refusal, file=sys.stderr)
    return 1 if done.refused else 0


def _uninstall(arguments: argparse.Namespace) -> int:
    from relay.edges import install
    from relay.edges.hosts import machine

    done = install.uninstall(machine.here())
    if done.places or not done.left:
        print("\n".join(done.places) or "Nothing was installed.")
    for one in done.left:
        print(f"still there, uninstall tries it again: {one}", file=sys.stderr)
    return 1 if done.left else 0


def _doctor(arguments: argparse.Namespace) -> int:
    from relay.edges import words

    said = words.of(arguments.language or words.language())
    if arguments.list:
        return _list(said)
    try:
        importlib.import_module("relay.edges.doctor.checkup")
    except Exception as error:  # So much is broken that we cannot look any further.
        raise RelayError(
            f"{said.fault('host-imports')} {error}. {said.fix('host-imports')}"
        ) from error
    return _examine(arguments, said)


def _list(said: Words) -> int:
    from relay.edges.doctor.finding import FAULTS

    for code, fault in FAULTS.items():
        print(f"{code} ({fault.level})\n    {said.fault(code)}\n    -> {said.fix(code)}")
    return 0


def _examine(arguments: argparse.Namespace, said: Words) -> int:
    from relay.core import places
    from relay.edges.doctor import checkup, mending, telling
    from relay.edges.hosts import machine

    here, settings = machine.here(), places.config_file()
    report = asyncio.run(checkup.examine(here, settings))
    if arguments.fix and (tried := mending.mend(here, report)):
        report = asyncio.run(checkup.examine(here, settings))
        left = {(one.fault, one.where) for one in report.findings}
        report.mended = [one for one in tried if (one.fault, one.where) not in left]
    if arguments.json:
        print(json.dumps(telling.as_json(report, said), ensure_ascii=False))
    else:
        print(telling.text(report, said))
    return 0 if report.healthy else 1


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
