"""An extension and a relay of different versions: they work, with less, or say whom to update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relay import OLDEST_PROTOCOL, PROTOCOL, __version__
from relay.edges.rpc import answer_hello
from tests.extension.node import in_node

ROOT = Path(__file__).parents[2]


def meeting(hello: Any, *, mine: str = "0.2.0", lacks: tuple[str, ...] = ()) -> dict[str, Any]:
    given = {"mine": mine, "hello": hello, "lacks": lacks}
    return in_node(Path(__file__).with_name("versions_run.mjs"), given)


def relay(version: str, protocol: int = 1, **more: Any) -> dict[str, Any]:
    return {"app": "metascalp-relay", "version": version, "protocol": protocol, **more}


@pytest.mark.parametrize("version", ["0.2.0", "0.2.7"])
def test_the_same_version_or_a_mended_one_works_without_a_word(version):
    met = meeting(relay(version))

    assert met["last"] == {"state": "ready", "code": None, "skew": None}
    assert met["requests"] == {"open": "switched", "scan": "switched"}


def test_an_older_relay_works_with_less_and_is_named():
    met = meeting(relay("0.1.9"), lacks=("scan",))

    assert met["last"] == {"state": "ready", "code": None, "skew": "relay-older"}
    assert met["requests"] == {"open": "switched", "scan": "unknown-method"}


@pytest.mark.parametrize("version", ["0.3.0", "1.0.0", "0.10.0"])
def test_an_older_extension_works_and_is_named(version):
    met = meeting(relay(version))

    assert met["last"]["skew"] == "extension-older"
    assert met["requests"]["open"] == "switched"


def test_a_relay_of_an_older_protocol_is_to_be_updated():
    met = meeting(relay("0.0.1", protocol=0))

    assert met["last"] == {"state": "down", "code": "relay-too-old", "skew": None}
    assert met["requests"]["open"] == "relay-too-old"


def test_a_relay_of_a_newer_protocol_means_that_the_extension_is_to_be_updated():
    met = meeting(relay("2.0.0", protocol=2))

    assert met["last"]["code"] == "extension-too-old"
    assert met["requests"]["open"] == "extension-too-old"


def test_a_relay_of_a_newer_protocol_that_still_speaks_ours_works():
    met = meeting(relay("2.0.0", protocol=2, oldest=1))

    assert met["last"]["skew"] == "extension-older"
    assert met["requests"]["open"] == "switched"


@pytest.mark.parametrize("hello", [{}, {"protocol": "1"}, {"protocol": None}, 7, []])
def test_something_that_speaks_no_protocol_is_no_relay(hello):
    assert meeting(hello)["last"]["code"] == "host-protocol"


def test_what_we_say_and_what_we_compare_are_the_same():
    hello = answer_hello({"id": 1, "method": "hello"})["result"]

    assert (hello["protocol"], hello["oldest"]) == (PROTOCOL, OLDEST_PROTOCOL)
    assert meeting(hello, mine=__version__)["last"]["skew"] is None
    source = (ROOT / "extension" / "versions.js").read_text("utf-8")
    assert f"export const PROTOCOL = {PROTOCOL};" in source


def test_any_version_of_the_extension_is_answered():
    """Whatever it says of itself: it decides what to do with the answer."""
    for params in ({}, {"version": "99", "protocol": 99}, {"version": None}, []):
        hello = answer_hello({"id": 1, "method": "hello", "params": params})

        assert hello["result"]["version"] == __version__
