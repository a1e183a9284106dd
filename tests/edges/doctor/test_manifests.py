from __future__ import annotations

import pytest

from edges.doctor.sandbox import Sandbox
from relay.edges.doctor import manifests
from relay.edges.doctor.finding import Report
from relay.edges.doctor.policies import Rule


@pytest.fixture
def box(tmp_path, home):
    return Sandbox(tmp_path / "box")


def examine(box, *names, known=()):
    report = Report()
    browsers = [box.browser(name) for name in names]
    named = manifests.examine(box.machine, browsers, report, known)
    return named, [one.fault for one in report.findings]


def copied(box, folder, browser="Chromium"):
    """A good manifest, also there."""
    folder.mkdir(parents=True)
    (folder / "metascalp_relay.json").write_bytes(box.manifest(browser).read_bytes())


def test_a_good_manifest_leads_to_its_program(box):
    (named,), faults = examine(box, "Chromium")

    assert faults == []
    assert (named.host, named.manifest) == (box.host, box.manifest())


def test_what_browsers_accept_is_accepted(box):
    """Further keys and a byte order mark (Chromium 156, 2026-11)."""
    box.edit(moon=1)
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


@pytest.mark.parametrize(
    ("used", "holding", "browser"),
    [
        (".config/google-chrome-beta", "google-chrome", "Chrome"),
        (".config/microsoft-edge", "microsoftedge", "Edge"),
        (".config/opera", "google-chrome", "Opera"),
    ],
)
def test_a_good_file_at_one_place_does_not_stand_for_another_place(box, used, holding, browser):
    """Which of them the browser reads, sources disagree about; a beta reads its own alone."""
    (box.machine.home / used).mkdir(parents=True)
    copied(box, box.machine.home / ".config" / holding / "NativeMessagingHosts")

    assert "not-installed" in examine(box, browser)[1]
    box.install()
    assert examine(box, browser)[1] == []


def test_the_folder_that_a_variable_names_is_a_place_of_its_own(box):
    elsewhere = box.machine.home / "settings"
    box.env(XDG_CONFIG_HOME=str(elsewhere))

    assert examine(box, "Chromium")[1] == ["not-installed"]


def test_a_file_of_the_system_is_enough_for_a_place(box):
    copied(box, box.machine.root / "etc/chromium/native-messaging-hosts")
    box.manifest().unlink()
    (named,), faults = examine(box, "Chromium")

    assert faults == []
    assert named.manifest.is_relative_to(box.machine.root)


def test_on_windows_every_key_is_looked_at_by_itself(tmp_path, home):
    box = Sandbox(tmp_path / "windows", "windows")
    key = r"Software\Google\Chrome\NativeMessagingHosts\metascalp_relay"
    box.registry.remove(rf"HKCU\{key}")

    assert examine(box, "Brave")[1] == ["not-installed"]
    box.registry.put(rf"HKLM\{key}", str(box.manifest()))
    assert examine(box, "Brave")[1] == []


def test_a_key_without_its_default_value_is_passed_over(tmp_path, home):
    """By both families on Windows (their sources, 2026-11)."""
    box = Sandbox(tmp_path / "windows", "windows")
    key = r"Software\Mozilla\NativeMessagingHosts\metascalp_relay"
    box.registry.remove(rf"HKCU\{key}")
    box.registry.put(rf"HKCU\{key}", "elsewhere.json", name="Path")
    assert examine(box, "Firefox")[1] == ["registry-named-value"]

    box.registry.put(rf"HKLM\{key}", str(box.manifest("Firefox")))

    assert examine(box, "Firefox")[1] == []


def test_firefox_passes_over_a_file_that_it_cannot_use(box):
    copied(box, box.machine.root / "usr/lib/mozilla/native-messaging-hosts", "Firefox")
    box.manifest("Firefox").write_text("{")

    assert examine(box, "Firefox")[1] == []


@pytest.mark.parametrize("browser", ["Chromium", "Firefox"])
@pytest.mark.parametrize("description", [None, 7])
def test_both_families_want_a_description(box, browser, description):
    box.edit(browser, description=description)

    assert examine(box, browser) == ([], ["manifest-no-description"])


def test_firefox_is_content_with_an_empty_one(box):
    box.edit("Firefox", description="")

    assert examine(box, "Firefox")[1] == []


def test_a_misspelled_id_spoils_the_file_for_firefox_too(box):
    box.edit("Firefox", allowed_extensions=["metascalp-relay@extension", "no id"])

    assert examine(box, "Firefox") == ([], ["manifest-bad-origin"])


def test_an_id_that_the_user_has_let_in_must_stand_in_the_file(box):
    known = ["a" * 32, "other@place", "written by hand, nobody's"]

    assert examine(box, "Chromium", "Firefox", known=known)[1] == ["manifest-wrong-extension"] * 2
    box.edit("Firefox", allowed_extensions=["metascalp-relay@extension", "other@place"])
    assert examine(box, "Firefox", known=known)[1] == []


def test_where_only_hosts_of_the_system_are_allowed_one_of_the_system_counts(box):
    rule = {"Chromium": Rule("policy-user-hosts", "the policy")}
    report = Report()
    browsers = [box.browser("Chromium")]
    assert manifests.examine(box.machine, browsers, report, (), rule) == []
    assert [one.fault for one in report.findings] == ["policy-user-hosts"]

    copied(box, box.machine.root / "etc/chromium/native-messaging-hosts")
    report = Report()
    (named,) = manifests.examine(box.machine, browsers, report, (), rule)

    assert report.findings == []
    assert named.manifest.is_relative_to(box.machine.root)
