from __future__ import annotations

import pytest

from edges.doctor.sandbox import Sandbox
from relay.edges.doctor import manifests
from relay.edges.doctor.finding import Report


@pytest.fixture
def box(tmp_path, home):
    return Sandbox(tmp_path / "box")


def examine(box, *names):
    report = Report()
    named = manifests.examine(box.machine, [box.browser(name) for name in names], report)
    return named, [one.fault for one in report.findings]


def test_a_good_manifest_leads_to_its_program(box):
    (named,), faults = examine(box, "Chromium")

    assert faults == []
    assert (named.host, named.manifest) == (box.host, box.manifest())


@pytest.mark.parametrize("extra", [{"moon": 1}, {"description": ""}])
def test_what_browsers_accept_is_accepted(box, extra):
    """Further keys and a byte order mark (Chromium 156, 2026-11)."""
    box.edit(**extra)
    box.manifest().write_text("\ufeff" + box.manifest().read_text("utf-8"), "utf-8")

    assert examine(box, "Chromium")[1] == []


def test_a_link_to_a_manifest_is_followed(box, tmp_path):
    real = tmp_path / "real.json"
    box.manifest().rename(real)
    box.manifest().symlink_to(real)

    assert examine(box, "Chromium")[1] == []


@pytest.mark.parametrize(
    "origin",
    [
        "chrome-extension://egcejpaeokcmogjmokfehabjofphekff",
        "chrome-extension://*/",
        "https://page.example/",
        "",
        7,
    ],
)
def test_one_misspelled_origin_spoils_the_file(box, origin):
    """Chromium then says that there is no host at all (2026-11)."""
    good = "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"
    box.edit(allowed_origins=[good, origin])

    assert examine(box, "Chromium") == ([], ["manifest-bad-origin"])


def test_chromium_stops_at_the_first_file_though_a_good_one_follows(box):
    further = box.machine.root / "etc/chromium/native-messaging-hosts/metascalp_relay.json"
    further.parent.mkdir(parents=True)
    further.write_bytes(box.manifest().read_bytes())
    box.manifest().write_text("{")

    assert examine(box, "Chromium") == ([], ["manifest-shadowed"])


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "\x00", "[" * 100_000])
def test_what_is_no_object_is_damaged(box, text):
    box.manifest().write_text(text)

    assert examine(box, "Chromium") == ([], ["manifest-not-json"])
