from __future__ import annotations

import io
import json
import zipfile

import pytest

from edges.doctor.sandbox import ID, Sandbox
from relay import __version__
from relay.edges.doctor import profiles
from relay.edges.doctor.finding import Report
from relay.edges.package import content


@pytest.fixture
def box(tmp_path, home):
    return Sandbox(tmp_path / "box")


def examine(box, *names, known=()):
    report = Report()
    browsers = [box.browser(name) for name in names]
    seen = profiles.examine(box.machine, browsers, list(known), report)
    return seen, [one.fault for one in report.findings]


def in_firefox(box, place=".mozilla/firefox/a.default", **said):
    folder = box.machine.home / place
    folder.mkdir(parents=True)
    addon = {"id": "metascalp-relay@extension", "version": __version__, "active": True, **said}
    (folder / "extensions.json").write_text(json.dumps({"addons": [{"id": "other@x"}, addon]}))


def test_an_unpacked_extension_is_seen_with_its_version(box):
    (seen,), faults = examine(box, "Chromium")

    assert faults == []
    assert (seen.identity, seen.version, seen.on) == (ID, __version__, True)


def test_an_older_browser_says_off_in_its_own_way(box):
    box.extension(state=0)

    assert examine(box, "Chromium")[1] == ["extension-disabled"]


def test_one_of_a_store_has_no_folder(box):
    box.extension(path="egc/0.1.0_0", service_worker_registration_info={"version": __version__})
    (seen,), faults = examine(box, "Chromium")

    assert faults == []
    assert (seen.folder, seen.version) == (None, __version__)


def test_one_of_a_store_with_an_id_of_the_store_is_known_by_what_it_is(box, tmp_path):
    """Chrome's package has no id of Firefox in it."""
    profile = next(box.machine.home.rglob("Preferences")).parent
    stored = profile / "Extensions" / "abc" / "0.1.0_0"
    stored.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(content("chrome"))) as archive:
        (stored / "manifest.json").write_bytes(archive.read("manifest.json"))
    box.extension("c" * 32, path="abc/0.1.0_0")

    assert examine(box, "Chromium")[1] == ["extension-other-id"]


def test_an_id_that_the_user_has_let_in_is_ours_too(box):
    box.extension("a" * 32, box.copy_of_extension(__version__))

    assert examine(box, "Chromium")[1] == ["extension-other-id"]
    assert examine(box, "Chromium", known=["a" * 32])[1] == []


@pytest.mark.parametrize("place", [".mozilla/firefox/a.default", ".config/mozilla/firefox/b"])
def test_firefox_says_it_in_extensions_json(box, place):
    in_firefox(box, place)
    (seen,), faults = examine(box, "Firefox")

    assert faults == []
    assert (seen.browser, seen.version) == ("Firefox", __version__)


def test_switched_off_in_firefox_is_seen(box):
    in_firefox(box, active=False)

    assert examine(box, "Firefox")[1] == ["extension-disabled"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"extensions": 3}', '{"extensions": {"settings": {"a": 1}}}']
)
def test_a_file_that_is_just_being_written_says_nothing(box, text):
    next(box.machine.home.rglob("Preferences")).write_text(text)

    assert examine(box, "Chromium") == ([], ["extension-missing"])
    assert examine(box, "Chromium", "Firefox") == ([], ["extension-unseen"])


def test_the_only_profile_of_an_opera_of_old_is_the_folder_itself(box):
    told = next(box.machine.home.rglob("Preferences"))
    told.rename(told.parent.parent / "Preferences")

    assert examine(box, "Chromium")[1] == []


def test_versions_are_compared_as_numbers():
    assert profiles.order("0.10.0") > profiles.order("0.9.1")
    assert profiles.order("1") > profiles.order("0.99")
