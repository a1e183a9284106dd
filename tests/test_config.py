"""Settings: what a file may say, and how it is told what it may not."""

from __future__ import annotations

import pytest

from relay.config import Config, address, changed, parse
from relay.errors import BadConfig
from relay.resolve import Preferences


def test_an_empty_file_is_the_defaults() -> None:
    assert parse("") == Config() == parse("# nothing\n")


def test_every_setting_is_read() -> None:
    config = parse(
        'orders = "view"\nexchanges = ["okx", "Gate"]\nmarkets = ["Spot"]\n'
        'terminal = "localhost:17850"\n'
    )

    assert config == Config("view", ("OKX", "GATE"), ("spot",), "127.0.0.1:17850")
    assert config.preferences == Preferences(("OKX", "GATE"), ("spot",))
    assert config.as_json() == {
        "orders": "view",
        "exchanges": ["OKX", "GATE"],
        "markets": ["spot"],
        "terminal": "127.0.0.1:17850",
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("orders = ", ["not TOML"]),
        ('orders = "buy"', ["orders", "'buy'", "view, cancel"]),
        ("orders = true", ["orders", "True"]),
        ("orders = []", ["orders", "[]"]),
        ('order = "view"', ["unknown setting", "'order'", "orders"]),
        ('exchanges = "OKX"', ["exchanges", "'OKX'", "list"]),
        ("exchanges = [7]", ["exchanges", "[7]"]),
        ("markets = {}", ["markets", "{}"]),
        ("terminal = 17845", ["terminal", "17845"]),
        ('terminal = "192.168.0.7:17845"', ["terminal", "192.168.0.7"]),
        ('terminal = "127.0.0.1"', ["127.0.0.1:PORT"]),
        ('terminal = "127.0.0.1:99999"', ["99999"]),
        ('terminal = "127.0.0.1:0"', ["PORT"]),
        ('terminal = "http://127.0.0.1:17845"', ["http"]),
        ("a = 1\na = 2", ["not TOML"]),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named_with_its_value(
    text: str, names: list[str]
) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(text)

    assert all(name in caught.value.text for name in names)


@pytest.mark.parametrize("text", ["127.0.0.1:17845", "localhost:17845"])
def test_an_address_is_always_this_machine(text: str) -> None:
    assert address(text) == ("127.0.0.1", 17845)


@pytest.mark.parametrize("text", ["", ":", ":1", "[::1]:17845", "0.0.0.0:17845", "127.0.0.1:²"])
def test_an_address_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(BadConfig):
        address(text)


def test_what_changed_is_told_by_name() -> None:
    assert changed(Config(), Config()) == frozenset()
    assert changed(Config(), Config(orders="view", markets=())) == {"orders", "markets"}
