from __future__ import annotations

import sys

from relay.edges.hosts import registry


def test_keys_above_are_named_up_to_what_every_windows_has():
    key = r"HKCU\Software\Perplexity\Comet\NativeMessagingHosts\metascalp_relay"

    assert registry.above(key) == [
        r"HKCU\Software\Perplexity\Comet\NativeMessagingHosts",
        r"HKCU\Software\Perplexity\Comet",
        r"HKCU\Software\Perplexity",
    ]


def test_only_windows_has_one():
    assert (registry.of_this_user() is not None) == (sys.platform == "win32")
