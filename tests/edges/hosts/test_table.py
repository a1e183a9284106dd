from __future__ import annotations

import pytest
from registry import user_of

from relay.edges.hosts.table import TABLE

EVERYWHERE = {
    "Chrome", "Chromium", "Edge", "Brave", "Vivaldi", "Opera", "Yandex", "Comet", "Firefox",
    "LibreWolf", "Waterfox", "Tor",
}  # fmt: skip
ROWS = [(system, row) for system, rows in TABLE.items() for row in rows]


@pytest.mark.parametrize("system", TABLE)
def test_every_promised_browser_has_a_row(system):
    """There is no Arc for Linux."""
    names = [row.name for row in TABLE[system]]

    assert set(names) == EVERYWHERE | (set() if system == "linux" else {"Arc"})
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("system", "row"), ROWS, ids=[f"{s}-{r.name}" for s, r in ROWS])
def test_a_row_says_where_to_look_and_how_to_tell_that_it_is_there(system, row):
    assert row.user
    assert row.signs
    if system == "windows":
        assert all(key.startswith("HKCU\\Software\\") for key in row.user)
        assert all(key.startswith("HKLM\\Software\\") for key in row.everyone)
        assert all(key.endswith("\\NativeMessagingHosts") for key in row.user + row.everyone)
    else:
        end = "native-messaging-hosts" if row.family == "firefox" and system == "linux" else "Hosts"
        assert all(place.endswith(end) for place in row.user)
        assert all(place.startswith("/") for place in row.everyone)


def test_nothing_of_another_user_is_ever_written():
    """The first scope is the user's own; the other one is only read."""
    for _, row in ROWS:
        assert all(place.startswith(("{", "HKCU")) for place in row.user), row.name


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("AppData/Local/Google/Chrome Beta/User Data", "Chrome"),
        ("AppData/Local/Google/Chrome SxS/User Data", "Chrome"),
        ("AppData/Local/Microsoft/Edge Dev/User Data", "Edge"),
        ("AppData/Local/BraveSoftware/Brave-Browser-Nightly/User Data", "Brave"),
        ("AppData/Roaming/Opera Software/Opera GX Stable", "Opera"),
        ("AppData/Local/Arc/User Data", "Arc"),
    ],
)
def test_who_uses_a_beta_alone_uses_that_browser(tmp_path, folder, name):
    """Its channels read its keys."""
    machine = user_of("windows", tmp_path)
    (machine.home / folder).mkdir(parents=True)

    assert [one.name for one in machine.browsers() if machine.uses(one)] == [name]


@pytest.mark.parametrize("system", TABLE)
@pytest.mark.parametrize("name", ["LibreWolf", "Waterfox"])
def test_a_fork_of_firefox_may_look_where_it_does(system, name):
    fork, firefox = (
        next(row for row in TABLE[system] if row.name == one) for one in (name, "Firefox")
    )

    assert set(firefox.user) < set(fork.user)
