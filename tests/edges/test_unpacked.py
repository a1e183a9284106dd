from __future__ import annotations

import json

import pytest
from registry import tree, user_of

from relay import __version__
from relay.core import places
from relay.edges import unpacked
from relay.edges.hosts.record import Ledger
from relay.edges.unpacked import NotOurs, unpack


@pytest.fixture
def user(tmp_path):
    return user_of("linux", tmp_path)


def test_the_folder_is_the_extension_to_the_byte(user):
    folder = user.home / "deep" / "extension"
    source = places.shipped("extension")

    assert unpack(user, folder)
    written = {path.relative_to(folder): path.read_bytes() for path in unpacked.files(folder)}
    assert written == {p.relative_to(source): p.read_bytes() for p in unpacked.files(source)}
    assert unpacked.version(folder) == __version__


def test_a_second_time_changes_nothing(user):
    folder = user.home / "extension"
    unpack(user, folder)

    assert not unpack(user, folder)


@pytest.mark.parametrize("name", [".DS_Store", "menus.js~", "Thumbs.db", ".git/a.js", "a.js.orig"])
def test_what_lies_about_is_no_part_of_it(user, name):
    stray = user.home / "extension" / name
    unpack(user, user.home / "extension")
    whole = unpacked.files(user.home / "extension")
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("")

    assert unpacked.files(user.home / "extension") == whole


def test_an_older_version_becomes_this_one(user):
    folder = user.home / "extension"
    unpack(user, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "version": "0.0.1"}))
    gone = folder / "of-the-older-version.js"
    Ledger(user.state, None).write(gone, b"")

    assert unpack(user, folder)
    assert unpacked.version(folder) == __version__
    assert not gone.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(user):
    (user.home / "photos").mkdir()
    (user.home / "photos/one.png").write_text("")
    before = tree(user.home)

    with pytest.raises(NotOurs, match="photos"):
        unpack(user, user.home / "photos")
    assert tree(user.home) == before


def test_somebody_elses_extension_is_not_ours(user):
    folder = user.home / "other"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"name": "other"}')

    assert not unpacked.is_ours(folder)
    assert unpacked.identity(folder) is None


def test_uninstall_takes_it_away_too(user):
    before = tree(user.home)
    unpack(user, user.home / "deep" / "extension")

    Ledger(user.state, None).take_away()

    assert tree(user.home) == before
