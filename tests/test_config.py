"""Settings: what a file may say, and how it is told what it may not."""

from __future__ import annotations

import pytest

from relay.config import Config, address, changed, parse, preferences_in
from relay.errors import BadConfig


def test_an_empty_file_is_the_defaults() -> None:
    assert parse("") == Config() == parse("# nothing\n")


def test_every_setting_is_read() -> None:
    config = parse(
        'orders = "view"\nexchanges = ["okx", "Gate"]\nmarkets = ["Spot"]\n'
        'terminal = "localhost:17850"\n[aliases]\nokxPerp = "okx"\n'
    )

    assert config == Config(
        "view", ("OKX", "GATE"), ("spot",), "127.0.0.1:17850", {"OKXPERP": "OKX"}
    )
    assert config.as_json() == {
        "orders": "view",
        "exchanges": ["OKX", "GATE"],
        "markets": ["spot"],
        "terminal": "127.0.0.1:17850",
        "aliases": {"OKXPERP": "OKX"},
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
        ('exchanges = ["ok x"]', ["exchanges", "'ok x'"]),
        ('exchanges = [""]', ["exchanges", "''"]),
        (f"exchanges = {['X'] * 101}", ["list of names"]),
        ('markets = ["moon"]', ["markets", "'moon'", "spot"]),
        ("aliases = []", ["aliases", "[]"]),
        ('[aliases]\n"a b" = "OKX"', ["aliases", "'a b'"]),
        ("[aliases]\na = 1", ["aliases.a", "1"]),
        ('[aliases]\n"" = "OKX"', ["aliases", "''"]),
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


def test_a_name_told_twice_counts_once() -> None:
    config = parse('exchanges = ["okx", "OKX", "bybit"]\nmarkets = ["spot", "Spot"]')

    assert (config.exchanges, config.markets) == (("OKX", "BYBIT"), ("spot",))


def test_preferences_are_read_as_the_file_is() -> None:
    changes = {"exchanges": ["okx"], "markets": ["Spot"], "aliases": {"a.b": "okx"}}

    assert preferences_in(changes) == {
        "exchanges": ["OKX"],
        "markets": ["spot"],
        "aliases": {"A.B": "OKX"},
    }
    assert preferences_in({"exchanges": None, "aliases": None}) == {
        "exchanges": None,
        "aliases": None,
    }
    assert preferences_in({}) == {}


@pytest.mark.parametrize("name", ["orders", "terminal", "Exchanges", "", "nothing"])
def test_what_is_no_preference_is_never_taken(name: str) -> None:
    with pytest.raises(BadConfig) as caught:
        preferences_in({"exchanges": ["OKX"], name: "view"})

    assert caught.value.params == {"why": "not-a-preference", "setting": name}


def test_what_is_wrong_is_told_as_words_for_other_languages_too() -> None:
    with pytest.raises(BadConfig) as caught:
        parse('orders = "buy"')

    assert caught.value.params == {"why": "choice", "setting": "orders", "value": "'buy'"}
