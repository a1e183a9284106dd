"""What is uploaded to the stores."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import Any

import pytest

from relay import __version__
from relay.core import places
from relay.edges import bill
from relay.edges import package as packages
from relay.edges.package import BadPackage, content, manifest_for, package

STORES = ("chrome", "firefox")


@pytest.fixture(params=STORES)
def store(request) -> Any:
    return request.param


def opened(store: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content(store)))


def manifest(store: Any) -> dict[str, Any]:
    return json.loads(opened(store).read("manifest.json"))


def test_the_same_extension_makes_the_same_bytes(tmp_path, store):
    """Whatever the zone, the umask, the locale and the times of the files are."""
    copy = tmp_path / "package" / "relay"
    shutil.copytree(places.shipped("extension").parent / "relay", copy)
    for name in ("extension", "manifest"):
        shutil.copytree(places.shipped(name), copy / "shipped" / name)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    code = (
        "import sys; from relay.edges.package import content;"
        f" sys.stdout.buffer.write(content({store!r}))"
    )
    env = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONPATH": str(copy.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=30,
        cwd=copy.parent, env=env, umask=0o077,
    )  # fmt: skip

    assert done.stdout == content(store)


def test_a_checkout_on_windows_has_the_same_bytes():
    """Git for Windows makes CRLF of LF unless it is told not to."""
    root = places.shipped("extension").parent
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(
        ["git", "ls-files", "-z", "extension", "manifest"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.split("\0")[:-1]  # fmt: skip
    told = subprocess.run(
        ["git", "check-attr", "-z", "--stdin", "eol", "binary"],
        cwd=root, input="\0".join(names), capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    rows = {(told[at], told[at + 1]): told[at + 2] for at in range(0, len(told) - 1, 3)}

    assert len(names) > 100
    for name in names:
        picture = name.endswith(".png")
        assert rows[name, "binary"] == ("set" if picture else "unspecified"), name
        assert picture or rows[name, "eol"] == "lf", name
        assert picture or b"\r" not in (root / name).read_bytes(), name


def test_every_file_of_the_extension_is_inside_and_nothing_else(store):
    source = places.shipped("extension")
    files = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()}

    archive = opened(store)
    assert set(archive.namelist()) == files | {packages.BILL}
    assert archive.namelist() == sorted(archive.namelist())
    for name in files - {"manifest.json"}:
        assert archive.read(name) == (source / name).read_bytes()


def test_the_bill_inside_names_every_other_file_and_what_the_relay_stands_on(store):
    archive = opened(store)
    parts = json.loads(archive.read(packages.BILL))["components"]
    digests = {one["name"]: one["hashes"][0]["content"] for one in parts if one["type"] == "file"}
    libraries = {one["name"] for one in parts if one["type"] == "library"}

    assert digests == {
        name: hashlib.sha256(archive.read(name)).hexdigest()
        for name in set(archive.namelist()) - {packages.BILL}
    }
    assert libraries == set(bill.requirements()) != set()


def test_every_file_a_manifest_names_is_there(store):
    names = list(packages.named_files(manifest(store)))

    assert len(names) > 5
    assert set(names) <= set(opened(store).namelist())


def test_a_store_gives_its_own_id(store):
    assert "key" not in manifest(store)


def test_each_store_gets_only_what_its_browser_knows():
    chrome, firefox = manifest("chrome"), manifest("firefox")

    assert not {"browser_specific_settings", "sidebar_action"} & chrome.keys()
    assert "scripts" not in chrome["background"]
    assert not {"side_panel", "minimum_chrome_version"} & firefox.keys()
    assert "service_worker" not in firefox["background"]
    assert "sidePanel" in chrome["permissions"]
    assert "sidePanel" not in firefox["permissions"]


def test_what_is_left_out_is_all_that_differs():
    """A key forgotten in one of them would be a feature forgotten."""
    whole = json.loads((places.shipped("extension") / "manifest.json").read_text("utf-8"))
    chrome, firefox = manifest("chrome"), manifest("firefox")

    assert chrome.keys() | firefox.keys() | {"key"} == whole.keys()
    for key in chrome.keys() & firefox.keys() - {"background", "permissions"}:
        assert chrome[key] == firefox[key] == whole[key], key


def test_firefox_is_told_honestly_what_is_passed_on():
    """Native messaging counts as data leaving the browser (rules of its store since 2025-11)."""
    gecko = manifest("firefox")["browser_specific_settings"]["gecko"]

    assert gecko["data_collection_permissions"] == {
        "required": ["browsingActivity", "websiteContent"]
    }


def test_a_file_that_is_named_and_missing_stops_it(tmp_path, monkeypatch):
    broken = tmp_path / "extension"
    shutil.copytree(places.shipped("extension"), broken)
    (broken / "background.js").unlink()
    monkeypatch.setattr(places, "shipped", lambda name: tmp_path / name)

    with pytest.raises(BadPackage, match=r"background\.js"):
        content("chrome")


def test_an_extension_of_another_version_stops_it(monkeypatch):
    monkeypatch.setattr(packages, "__version__", "9.9.9")

    with pytest.raises(BadPackage, match=r"9\.9\.9"):
        content("firefox")


def test_the_zips_carry_store_and_version_in_their_names(tmp_path):
    made = package(tmp_path / "out")

    assert [one.path.name for one in made] == [
        *(f"metascalp-relay-{store}-{__version__}.zip" for store in STORES),
        f"metascalp-relay-{__version__}.cdx.json",
    ]
    for one in made:
        body = one.path.read_bytes()
        assert (one.size, one.sha256) == (len(body), hashlib.sha256(body).hexdigest())


def test_a_manifest_is_not_changed_by_being_read():
    whole = {"background": {"scripts": [], "service_worker": ""}, "permissions": ["sidePanel"]}
    before = json.dumps(whole)

    manifest_for("firefox", whole)

    assert json.dumps(whole) == before
