"""The exchange table as it ships, and how names meet in it."""

from __future__ import annotations

import pytest

from relay.errors import BadConfig
from relay.exchanges import FUTURES, Exchanges, parse


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("BINANCE", "BINANCE"), ("Binance", "BINANCE"), ("gate.io", "GATEIO"), ("Gate", "GATEIO"),
        ("Gate IO", "GATEIO"), ("okex", "OKX"), ("Huobi", "HTX"), ("bybituta", "BYBIT"),
        ("T-Bank", "TBANK"), ("", None), ("NYSE", None), ("💥", None),
    ],
)  # fmt: skip
def test_an_exchange_is_known_in_any_spelling(
    exchanges: Exchanges, name: str, canonical: str | None
) -> None:
    assert exchanges.canonical(name) == canonical


@pytest.mark.parametrize(
    ("number", "display", "name"),
    [
        (2, "Binance", "BINANCE"), (6, "Bybit", "BYBIT"), (4, "Bybit", "BYBIT"),
        (18, "Moex", "MOEX"), (3, "whatever it says", "GATEIO"), (999, "OKX", "OKX"),
        (999, "NewOne", "NEWONE"), (-1, "", ""),
    ],
)  # fmt: skip
def test_a_connection_is_named_by_its_number_first(
    exchanges: Exchanges, number: int, display: str, name: str
) -> None:
    assert exchanges.named(number, display) == name


def test_no_number_belongs_to_two_exchanges(exchanges: Exchanges) -> None:
    numbers = [number for listed in exchanges.numbers.values() for number in listed]

    assert len(numbers) == len(set(numbers))
    assert min(numbers) > 0


def test_every_market_number_has_a_kind(exchanges: Exchanges) -> None:
    """Market numbers 0 to 13: MetaScalp API, edition 3, 2026-08."""
    assert set(exchanges.kinds) == set(range(14))
    assert {number for number, kind in exchanges.kinds.items() if kind == "futures"} == FUTURES
    assert exchanges.kind(9) == "stock"
    assert exchanges.kind(99) == "other"


def test_the_first_exchange_with_a_spelling_keeps_it() -> None:
    table = parse({
        "exchanges": {
            "A": {"name": "One", "numbers": [1], "aliases": ["X"]},
            "B": {"name": "Two", "numbers": [2], "aliases": ["x"]},
            "C": {"name": "Three", "numbers": []},
        },
        "markets": {},
    })  # fmt: skip

    assert table.canonical("X") == "A"
    assert table.numbers["C"] == ()


def test_the_users_own_name_means_the_exchange_it_was_given(exchanges: Exchanges) -> None:
    mine = exchanges.with_aliases({"BINANCEUSDM": "BINANCE", "GATEFI": "gate.io"})

    assert mine.canonical("BinanceUSDM") == "BINANCE"
    assert mine.canonical("gatefi") == "GATEIO"
    assert exchanges.canonical("BINANCEUSDM") is None


def test_a_name_that_means_something_stays_what_it_is(exchanges: Exchanges) -> None:
    assert exchanges.with_aliases({"GATE": "GATEIO"}).canonical("gate") == "GATEIO"
    with pytest.raises(BadConfig) as caught:
        exchanges.with_aliases({"GATE": "BYBIT"})

    assert caught.value.params["why"] == "alias-taken"
    assert caught.value.params["value"] == "GATEIO"


def test_an_alias_for_no_exchange_is_named(exchanges: Exchanges) -> None:
    with pytest.raises(BadConfig, match=r"aliases\.MY is 'NOWHERE'"):
        exchanges.with_aliases({"MY": "NOWHERE"})
