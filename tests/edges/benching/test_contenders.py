"""Contenders: who is there is started and does its job, who is not is named."""

from __future__ import annotations

import sys

import pytest

from relay.edges.benching import contenders, payloads, requesting
from relay.edges.benching.contenders import DIRECT, KINDS, PIPE, RELAY
from relay.edges.benching.reading import Readers

THERE = [kind for kind in KINDS if kind.missing() is None]


@pytest.mark.parametrize("kind", THERE, ids=lambda kind: kind.name)
def test_each_does_what_it_is_compared_in(tmp_path, kind):
    with contenders.started(kind, tmp_path) as one:
        if "rest" in kind.does:
            post = payloads.request(one.port, "POST", "/api/change-ticker", payloads.CHANGE)
            listing = payloads.request(one.port, "GET", "/api/connections/1/tickers")
            assert requesting.serial(one.port, post, payloads.CHANGED.__eq__, 3).asked == 6
            assert requesting.serial(one.port, listing, payloads.tickers().__eq__, 3).asked == 6
        if {"way", "fan"} & kind.does:
            readers = Readers(one.port, 3)
            assert readers.read(one.control, 500, 5000.0).counts == [500] * 3
            assert readers.read(one.control, 500, 0.0, 100).counts == [500] * 3
            readers.close()

        assert bool(one.processes) == (kind.name != DIRECT)


def test_who_is_not_there_is_named_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(contenders.importlib.util, "find_spec", lambda name: None)
    why = {kind.name: kind.missing() for kind in KINDS}

    assert why.pop(DIRECT) is None
    assert why.pop(RELAY) is None
    assert why.pop(PIPE) is None
    nginx = why.pop("nginx")
    assert nginx is None or "apt-get" in nginx
    assert all(why.values())
    assert "pip install" in str(why["websockets"])


def test_packages_of_node_are_looked_for_where_they_were_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(contenders.shutil, "which", lambda *_, **__: "node")
    monkeypatch.setenv(contenders.NPM_VARIABLE, str(tmp_path))
    missing = contenders._node("ws")
    assert "npm install ws" in str(missing())

    (tmp_path / "node_modules/ws").mkdir(parents=True)
    assert missing() is None


def test_a_contender_that_does_not_start_says_why(tmp_path):
    kind = contenders.Kind(
        "broken", frozenset(), lambda: None,
        lambda folder, up, port: [sys.executable, "-c", "raise SystemExit('no such thing')"],
    )  # fmt: skip

    with pytest.raises(OSError, match="no such thing"), contenders.started(kind, tmp_path):
        pass


def test_what_was_started_is_ended(tmp_path):
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with contenders.process(sleeping, tmp_path) as running:
        assert running.poll() is None

    assert running.poll() is not None
