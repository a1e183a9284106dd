from __future__ import annotations

from pathlib import Path

from registry import user_of

from relay.edges.hosts import machine as machines


def row(machine, name):
    return next(one for one in machine.browsers() if one.name == name)


def test_this_machine_is_one_of_three_systems(home):
    here = machines.here()

    assert here.system in ("linux", "macos", "windows")
    assert here.state == home


def test_settings_elsewhere_are_looked_at_too(tmp_path):
    """A browser started from the desktop may not see a variable that the shell has."""
    machine = user_of("linux", tmp_path, {"XDG_CONFIG_HOME": "/elsewhere"})

    assert machine.paths("{config}/chromium") == [
        machine.home / ".config/chromium", Path("/elsewhere/chromium")
    ]  # fmt: skip


def test_a_windows_user_may_have_moved_folders(tmp_path):
    machine = user_of("windows", tmp_path, {"LOCALAPPDATA": str(tmp_path / "moved")})

    assert machine.paths(r"{local}\Chromium\User Data") == [tmp_path / "moved/Chromium/User Data"]
    assert machine.paths(r"{roaming}\Mozilla") == [machine.home / "AppData/Roaming/Mozilla"]


def test_an_application_of_a_mac_counts(tmp_path):
    machine = user_of("macos", tmp_path)
    assert not machine.uses(row(machine, "Arc"))

    (machine.home / "Applications/Arc.app").mkdir(parents=True)

    assert machine.uses(row(machine, "Arc"))


def test_a_command_of_a_sandboxed_browser_does_not_count(tmp_path):
    program = tmp_path / "bin/firefox"
    program.parent.mkdir()
    program.touch(0o755)
    machine = user_of("linux", tmp_path, {"PATH": str(program.parent)})
    assert machine.uses(row(machine, "Firefox"))

    (machine.home / "snap/firefox").mkdir(parents=True)

    assert not machine.uses(row(machine, "Firefox"))
    assert machine.sandboxed(row(machine, "Firefox")) == machine.home / "snap/firefox"


def test_another_channel_is_looked_at_only_where_it_is_used(tmp_path):
    machine = user_of("linux", tmp_path)
    usual = machine.own_folders(row(machine, "Chrome"))
    beta = machine.home / ".config/google-chrome-beta"
    beta.mkdir(parents=True)

    assert machine.own_folders(row(machine, "Chrome")) == [*usual, beta / "NativeMessagingHosts"]
    assert machine.uses(row(machine, "Chrome"))
