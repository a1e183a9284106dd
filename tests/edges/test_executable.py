from __future__ import annotations

import pytest

from relay.edges.executable import is_browser


@pytest.mark.parametrize(
    ("argv", "browser"),
    [
        (["metascalp-relay", "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"], True),
        (["x.exe", "chrome-extension://abc/", "--parent-window=0"], True),
        (["x", "/h/.mozilla/metascalp_relay.json", "metascalp-relay@extension"], True),
        (["/state/program/0.1.0/metascalp-relay-host"], True),
        (["C:/state/metascalp-relay-host.exe", "anything"], True),
        (["metascalp-relay"], False),
        (["metascalp-relay", "doctor"], False),
        (["metascalp-relay", "open", "BINANCE:BTCUSDT.p"], False),
        (["metascalp-relay", "simulate", "--replay", "file.json"], False),
        (["metascalp-relay", "record", "--out", "file.json"], False),
    ],
)
def test_a_browser_is_told_apart_from_a_person(argv, browser):
    assert is_browser(argv) == browser
