"""Which loop `serve` runs on: the fast one is used where it is, missed only where it is wanted."""

from __future__ import annotations

import asyncio
import types

import pytest

from relay.edges import loops


def absent(name):
    raise ImportError(name)


def test_pythons_own_needs_nothing(monkeypatch):
    monkeypatch.setattr(loops.importlib, "import_module", absent)

    assert loops.factory("asyncio") is None
    assert loops.factory("auto") is None


def test_a_wish_that_cannot_be_had_says_what_to_install(monkeypatch):
    monkeypatch.setattr(loops.importlib, "import_module", absent)

    with pytest.raises(ValueError, match=r"metascalp-relay\[fast\]"):
        loops.factory("fast")


@pytest.mark.parametrize("wish", ["auto", "fast"])
@pytest.mark.parametrize(("platform", "name"), [("linux", "uvloop"), ("win32", "winloop")])
def test_the_fast_one_of_the_platform_is_used_where_it_is(monkeypatch, wish, platform, name):
    there = {name: types.SimpleNamespace(new_event_loop=asyncio.new_event_loop)}
    monkeypatch.setattr(loops.sys, "platform", platform)
    monkeypatch.setattr(loops.importlib, "import_module", lambda one: there[one])

    assert loops.factory(wish) is asyncio.new_event_loop
