from __future__ import annotations

import copy
import sys
from dataclasses import replace

import pytest
from registry import user_of
from winreg_stub import Winreg

from relay.edges.hosts import registry
from relay.edges.install import install, uninstall

KEY = r"HKCU\Software\Google\Chrome\NativeMessagingHosts\metascalp_relay"


@pytest.fixture
def winreg():
    return Winreg()


@pytest.fixture
def ours(winreg):
    return registry.WindowsRegistry(winreg)


def test_keys_above_are_named_up_to_what_every_windows_has():
    key = r"HKCU\Software\Perplexity\Comet\NativeMessagingHosts\metascalp_relay"

    assert registry.above(key) == [
        r"HKCU\Software\Perplexity\Comet\NativeMessagingHosts",
        r"HKCU\Software\Perplexity\Comet",
        r"HKCU\Software\Perplexity",
    ]


def test_only_windows_has_one():
    assert (registry.of_this_user() is not None) == (sys.platform == "win32")


def test_on_windows_it_is_the_one_of_windows(monkeypatch, winreg):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", winreg)

    assert isinstance(registry.of_this_user(), registry.WindowsRegistry)


def test_a_key_is_written_with_those_above_it_read_and_removed(ours):
    ours.write(KEY, r"C:\Users\Иван\chromium.json")

    assert ours.read(KEY) == {"": r"C:\Users\Иван\chromium.json"}
    assert ours.read(KEY.rpartition("\\")[0]) == {}
    ours.remove(KEY)
    assert ours.read(KEY) is None
    ours.remove(KEY)


def test_a_key_with_keys_below_it_is_not_removed(ours):
    ours.write(KEY, "x")

    with pytest.raises(PermissionError):
        ours.remove(KEY.rpartition("\\")[0])


def test_bare_is_a_key_without_values_and_keys(ours):
    above = KEY.rpartition("\\")[0]
    ours.write(KEY, "x")
    assert [ours.is_bare(one) for one in (KEY, above)] == [False, False]

    ours.remove(KEY)

    assert [ours.is_bare(one) for one in (KEY, above)] == [False, True]


def test_the_view_for_32_bits_comes_first_as_browsers_read_it(ours, winreg):
    for hive, value in (("HKLM", "of 64 bits"), ("HKLM32", "of 32 bits")):
        key = winreg.CreateKey(hive, r"Software\Mozilla\NativeMessagingHosts\metascalp_relay")
        winreg.SetValueEx(key, "", 0, winreg.REG_SZ, value)
        winreg.SetValueEx(key, hive, 0, winreg.REG_SZ, "its own")
    found = ours.read(r"HKLM\Software\Mozilla\NativeMessagingHosts\metascalp_relay")

    assert found == {"": "of 32 bits", "HKLM": "its own", "HKLM32": "its own"}


def test_install_and_uninstall_leave_the_registry_as_it_was(tmp_path, ours, winreg):
    before = copy.deepcopy(winreg.hives)
    machine = replace(user_of("windows", tmp_path), registry=ours)
    host = tmp_path / "host.exe"
    host.write_bytes(b"MZ")

    places = install(machine, host).places
    assert len(places) == len(set(places)) == 15
    assert not install(machine, host).changed
    assert all(ours.read(key) for key in places)
    assert uninstall(machine).left == []
    assert winreg.hives == before


def test_a_key_that_windows_refuses_is_told_and_the_others_are_written(tmp_path, ours, winreg):
    winreg.CreateKey("HKCU", r"Software\Microsoft\Edge").denied = True
    machine = replace(user_of("windows", tmp_path), registry=ours)
    host = tmp_path / "host.exe"
    host.write_bytes(b"MZ")
    result = install(machine, host)

    assert [one.endswith("Access is denied") for one in result.refused] == [True]
    assert len(result.places) == 14
