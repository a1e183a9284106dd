"""The rules of the house, measured: floors, sizes, mirrors, lists that must agree.

Each dict of exceptions may only shrink: an entry that is not needed any more fails too.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from relay import __version__
from relay.config import Config
from relay.edges import cli, operations
from relay.edges.browsers.chromium import EXTENSION_ID
from relay.metascalp.wire import PORTS

ROOT = Path(__file__).parents[1]
RELAY = ROOT / "relay"
TESTS = ROOT / "tests"
EXTENSION = ROOT / "extension"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in RELAY.rglob("*.py"))

FLOORS = ("ground", "metascalp", "core", "edges")
SIMULATOR = "relay.metascalp.simulator"

#: What the ground may stand on: nothing here opens, waits, tells the time or writes a log.
GROUND_MAY = {
    "__future__", "bisect", "collections", "dataclasses", "decimal", "difflib", "enum",
    "functools", "heapq", "itertools", "json", "re", "struct", "tomllib", "typing", "relay",
}  # fmt: skip

#: Who may start a terminal that is not one.
STARTS_SIMULATORS = ("relay/edges/terminals.py", "relay/edges/demo.py",
                     "relay/edges/browsers/stage.py", "relay/edges/benching/clicks.py")  # fmt: skip

MAX_MODULE = 300
MAX_FUNCTION = 40
LONG_MODULES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}

#: Modules without a test file of their own, and why.
UNMIRRORED = {
    "relay/__main__.py": "two lines; tests/edges/test_cli.py runs it",
    "relay/edges/browsers/firefox.py": "tests/extension stands on it",
    "relay/edges/browsers/firefox_around.py": "tests/extension stands on it",
    "relay/edges/browsers/stage.py": "tests/extension stands on it",
}
#: Test files that are about no single module of relay/.
OVER_ALL = {
    "tests/test_house.py", "tests/test_package.py", "tests/test_readme.py",
    "tests/metascalp/simulator/test_side_by_side.py", "tests/metascalp/simulator/test_sdk.py",
    "tests/metascalp/simulator/test_editions.py", "tests/metascalp/simulator/test_any_bytes.py",
    "tests/metascalp/simulator/test_rates.py", "tests/edges/test_sdk.py",
    "tests/edges/test_native_flood.py",
    "tests/edges/test_hostile.py",
}  # fmt: skip

TOP = {"pyproject.toml", "relay", "extension", "tests", "README.md", "manifest", "LICENSE"}

DESIGNED = {
    "hello", "status", "open", "combo", "resolve", "orders", "positions", "balances", "subscribe",
    "unsubscribe", "cancel", "cancel_all", "pin", "config_get", "config_set", "sites",
    "assets", "bindings", "suggest", "holding", "lock", "alert", "notify",
    "locate", "known", "activity", "activity_csv", "scan", "scan_stop", "combos",
    "close_opened", "chart",
}  # fmt: skip

PERMISSIONS = {
    "nativeMessaging", "contextMenus", "sidePanel", "storage", "scripting", "activeTab",
    "declarativeNetRequestWithHostAccess",
}  # fmt: skip


@cache
def tracked() -> tuple[str, ...]:
    """What git has or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = run.stdout.decode().split("\0")
    return tuple(name for name in names if name and (ROOT / name).is_file())


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"))


def name_of(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


NAMES = {name_of(module) for module in MODULES}


def floor_of(name: str) -> str:
    parts = name.split(".")
    if parts == ["relay", "__main__"]:
        return "edges"
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "ground"


def imports(module: str) -> Iterator[str]:
    """Every name a module imports, in full, wherever in it."""
    package = name_of(module).split(".")
    if not module.endswith("/__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            head = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*head, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in NAMES else base


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_its_own_floor_and_those_below(module: str) -> None:
    height = FLOORS.index(floor_of(name_of(module)))
    above = [
        name
        for name in imports(module)
        if name.split(".")[0] == "relay" and FLOORS.index(floor_of(name)) > height
    ]

    assert above == []


@pytest.mark.parametrize("module", [one for one in MODULES if floor_of(name_of(one)) == "ground"])
def test_the_ground_is_pure(module: str) -> None:
    foreign = {name for name in imports(module) if name.split(".")[0] not in GROUND_MAY}
    calls = {
        node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert foreign == set()
    assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}
    assert not [node for node in ast.walk(tree(module)) if isinstance(node, ast.AsyncFunctionDef)]


def test_the_simulator_shares_nothing_with_the_client() -> None:
    """If both took their words from one table, a wrong word would pass every test."""
    mine = [module for module in MODULES if name_of(module).startswith(SIMULATOR)]
    shared = {
        (module, name)
        for module in mine
        for name in imports(module)
        if name.split(".")[0] == "relay" and not name.startswith(SIMULATOR)
    }

    assert len(mine) > 5
    assert shared == set()


def test_only_what_starts_terminals_knows_the_simulator() -> None:
    users = {
        module
        for module in MODULES
        if not name_of(module).startswith(SIMULATOR)
        and any(name.startswith(SIMULATOR) for name in imports(module))
    }

    assert users <= set(STARTS_SIMULATORS)


def long_modules() -> dict[str, int]:
    scripts = [path.relative_to(ROOT).as_posix() for path in EXTENSION.rglob("*.js")]
    sizes = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in MODULES + scripts}
    return {name: size for name, size in sizes.items() if size > MAX_MODULE}


def long_functions() -> dict[str, int]:
    sizes = {
        f"{module}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {name: size for name, size in sizes.items() if size > MAX_FUNCTION}


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        pytest.param(long_modules(), LONG_MODULES, id="modules"),
        pytest.param(long_functions(), LONG_FUNCTIONS, id="functions"),
    ],
)
def test_nothing_is_longer_than_can_be_read_at_once(
    found: dict[str, int], allowed: dict[str, int]
) -> None:
    assert set(found) == set(allowed)
    assert all(size <= allowed[name] for name, size in found.items())


def mirror_of(module: str) -> str:
    path = Path(module)
    return f"tests/{path.parent.relative_to('relay').as_posix()}/test_{path.stem}.py".replace(
        "/./", "/"
    )


def test_every_module_has_its_test_file() -> None:
    without = {
        module
        for module in MODULES
        if not module.endswith("__init__.py") and not (ROOT / mirror_of(module)).is_file()
    }

    assert without == set(UNMIRRORED)


def test_every_test_file_mirrors_a_module() -> None:
    """tests/extension and tests/attacks are about the whole: they have no module in relay/."""
    files = {
        path.relative_to(ROOT).as_posix()
        for path in TESTS.rglob("test_*.py")
        if not {"extension", "attacks"} & set(path.parts)
    }

    assert files - {mirror_of(module) for module in MODULES} == OVER_ALL


def test_the_top_holds_only_what_belongs_there() -> None:
    found = {name.split("/")[0] for name in tracked()}

    assert {name for name in found if not name.startswith(".")} <= TOP


def needles() -> list[str]:
    """Put together here, so that this file does not hold them."""
    places = ["ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers"]
    hosts = [
        "py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com",
        "yarn" + "pkg", "arti" + "factory", "j" + "frog", "ne" + "xus.", "proxy.go" + "lang",
        "dev" + "pi",
    ]  # fmt: skip
    return [*(f"/{place}/" for place in places), "/tmp/ve" + "nv", "/tmp/te" + "am", *hosts]


def test_no_file_names_a_place_of_one_machine_or_a_package_registry() -> None:
    found = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        found += [(name, needle) for needle in needles() if needle in text]

    assert found == []


README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    (found,) = [one for one in cli.parser()._actions if isinstance(one.choices, dict)]
    return sorted(found.choices)


def test_no_merge_is_left_half_done() -> None:
    mark = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)

    assert [one for one in tracked() if mark.search((ROOT / one).read_bytes())] == []


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"(metascalp-relay|`|python -m relay) ?{command}\b", README)


@pytest.mark.parametrize("operation", sorted(operations.TABLE))
def test_every_operation_is_in_the_readme(operation: str) -> None:
    assert f"`{operation}`" in README


@pytest.mark.parametrize("setting", [field.name for field in fields(Config)])
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"`{setting}`" in README or re.search(rf"^{setting} = ", README, re.MULTILINE)


def test_the_operations_are_the_designed_ones() -> None:
    """`hello` is answered by the native door before the table is loaded."""
    assert set(operations.TABLE) | {"hello"} == DESIGNED


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_both_languages_say_the_same_things() -> None:
    english, russian = (
        load(EXTENSION / "_locales" / language / "messages.json") for language in ("en", "ru")
    )

    assert set(english) == set(russian)
    for key, entry in english.items():
        other = russian[key]
        assert entry.get("placeholders") == other.get("placeholders"), key
        used, used_there = (
            {name.lower() for name in re.findall(r"\$(\w+)\$", one["message"])}
            for one in (entry, other)
        )
        assert used == used_there, key
        assert used == {name.lower() for name in entry.get("placeholders", {})}, key


MANIFEST = load(EXTENSION / "manifest.json")


def files_named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from files_named(one)
    elif isinstance(value, list):
        for one in value:
            yield from files_named(one)
    elif isinstance(value, str) and re.fullmatch(r"[\w./-]+\.(js|html|css|png|json)", value):
        yield value


def test_every_file_the_manifest_names_exists() -> None:
    named = {name for name in files_named(MANIFEST) if "*" not in name}

    assert len(named) > 5
    assert [name for name in named if not (EXTENSION / name).is_file()] == []


def site_files() -> list[Any]:
    return [load(file) for file in sorted((EXTENSION / "sites").glob("*.json"))]


#: A bank's own pages are none of our business: only its terminal for investors.
FOLDERS = {f"{www}{bank}.ru": "/invest" for bank in ("tbank", "tinkoff") for www in ("", "www.")}
#: One pattern for the country hosts; a chart in a frame of another site is read by its address.
TRADINGVIEW = "https://*.tradingview.com/*"


def asked() -> set[str]:
    """The hosts of the sites that want a content script, each by its exact name."""
    hosts = {host for one in site_files() if not one.get("menuOnly") for host in one["hosts"]}
    named = {
        f"https://{host}{FOLDERS.get(host, '')}/*" for host in hosts if "tradingview" not in host
    }
    return named | {TRADINGVIEW}


def test_the_extension_asks_for_the_named_sites_and_nothing_more() -> None:
    hosts = MANIFEST["host_permissions"]
    matches = MANIFEST["content_scripts"][0]["matches"]
    in_frames = MANIFEST["content_scripts"][1]

    assert set(MANIFEST["permissions"]) == PERMISSIONS
    assert set(hosts) == asked()
    assert [host for host in hosts if "*." in host] == [TRADINGVIEW]
    assert len(hosts) == len(set(hosts))
    assert sorted(matches) == sorted(hosts)
    assert in_frames["matches"] == [one for one in matches if one.count("/") == 3]
    assert in_frames["js"] == ["page/frame.js"]


def test_no_page_and_no_other_extension_may_speak_to_ours() -> None:
    """Without the key Chromium lets every other extension in; and nobody listens."""
    sources = "".join(path.read_text("utf-8") for path in EXTENSION.rglob("*.js"))

    assert MANIFEST["externally_connectable"] == {"ids": [EXTENSION_ID]}
    assert not re.search(r"on(Message|Connect|UserScript)\w*External|External\b", sources)


def test_any_other_host_is_asked_for_by_a_click_and_only_https() -> None:
    """Each by its exact name: `foreignPatterns` of access.js makes them from checked host names.
    The shield asks for this computer's own names, and to see what it stopped."""
    source = (EXTENSION / "shield.js").read_text("utf-8")
    loopback = re.findall(r'^  "(http://[^"]+)",$', source, re.MULTILINE)

    assert loopback[0] == "http://127.0.0.1/*"
    assert MANIFEST["optional_host_permissions"] == [*loopback, "https://*/*"]
    assert MANIFEST["optional_permissions"] == ["webRequest"]


def test_only_a_site_that_declares_it_has_a_script_in_its_own_world() -> None:
    declared = [one["id"] for one in site_files() if "mainWorld" in one.get("needs", ())]
    beside = MANIFEST["content_scripts"][2:]
    in_world = [script["js"] for script in beside if script.get("world") == "MAIN"]

    assert declared == ["tradingview"]
    assert in_world == [["page/mainworld.js"]]
    assert [script["matches"] for script in beside] == [[TRADINGVIEW]] * len(beside)


def test_every_site_is_loaded() -> None:
    source = (EXTENSION / "sitefiles.js").read_text("utf-8")
    (listed,) = re.findall(r"SITES = \[(.*?)\]", source, re.DOTALL)

    assert sorted(re.findall(r'"(\w+)"', listed)) == [one["id"] for one in site_files()]


def test_the_key_gives_the_id_that_the_host_lets_in() -> None:
    """The id is the first 128 bits of the key's SHA-256, written in a to p (Chromium, 2026-11)."""
    digest = hashlib.sha256(base64.b64decode(MANIFEST["key"])).hexdigest()[:32]
    identity = digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
    chromium, firefox = (load(ROOT / "manifest" / f"{one}.json") for one in ("chromium", "firefox"))
    gecko = MANIFEST["browser_specific_settings"]["gecko"]["id"]

    assert chromium["allowed_origins"] == [f"chrome-extension://{identity}/"]
    assert firefox["allowed_extensions"] == [gecko]
    assert chromium["name"] == firefox["name"] == "metascalp_relay"
    assert chromium["path"] == firefox["path"] == "{host}"


def test_everything_has_one_version() -> None:
    assert MANIFEST["version"] == __version__


def test_the_extension_never_calls_this_machine() -> None:
    """It talks to the relay by native messaging alone; the shield only names what it guards."""
    needles = ("localhost", "127.0.0.1", *map(str, PORTS))
    found = [
        (path.name, needle)
        for path in EXTENSION.rglob("*.js")
        if path.name != "shield.js"
        for needle in needles
        if needle in path.read_text("utf-8")
    ]
    shield = (EXTENSION / "shield.js").read_text("utf-8")

    assert found == []
    assert not re.search(r"fetch|WebSocket|XMLHttpRequest|sendBeacon|EventSource", shield)


def test_the_reading_engine_knows_no_browser() -> None:
    """It runs in Node and in every context of ours, so it imports only its own folder, and the two
    modules beside `sites.js` that are as pure."""
    for path in [*(EXTENSION / "reading").glob("*.js"), EXTENSION / "sites.js"]:
        source = path.read_text("utf-8")
        wanted = set(re.findall(r'from "([^"]+)"', source))
        above = {name for name in wanted if name.startswith("../")}

        assert above <= {"../ticker.js", "../find.js"}, path.name
        assert not re.search(r"\b(chrome|browser|document|window)\.[a-z]", source), path.name


def test_what_runs_in_a_page_is_classic() -> None:
    """A page may hold it before any module could load."""
    for path in (EXTENSION / "page").glob("*.js"):
        assert not re.search(r"^(import|export) ", path.read_text("utf-8"), re.MULTILINE), path.name
