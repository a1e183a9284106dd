"""What a position is worth: exact decimals, and nothing where only a guess could be."""

from __future__ import annotations

import pytest

from relay.marks import Mark, has_result, middle, plain, result


def at(price: str, quote: str | None = "USDT") -> Mark:
    return Mark(price, "mark", 0, quote)


ROWS = [
    ("long", "0.05", "64500", "65123.5", "31.175"),
    ("short", "0.05", "64500", "65123.5", "-31.175"),
    ("long", "1000000", "0.00001234", "0.00001234", "0"),
    ("short", "-3", "10", "9", "3"),
    ("long", "123456789.123456789", "0.000000001", "0.000000002", "0.123456789123456789"),
    (
        "long",
        "999999999999999999",
        "1",
        "999999999999999999",
        "999999999999999997000000000000000002",
    ),
]


@pytest.mark.parametrize(("side", "size", "entry", "price", "gain"), ROWS)
def test_a_result_loses_no_digit(side, size, entry, price, gain):
    assert result(side, size, entry, at(price)) == gain


@pytest.mark.parametrize(
    ("entry", "mark"),
    [("64500", None), ("64500", at("65000", quote=None)), ("0", at("65000")), ("0.00", at("1"))],
)
def test_without_price_entry_or_coin_there_is_no_result(entry, mark):
    assert result("long", "1", entry, mark) is None


@pytest.mark.parametrize(
    ("exchange", "market", "quote", "told"),
    [
        (2, 2, "USDT", True),
        (2, 7, "BTC", True),
        (8, 1, "USDT", True),
        (8, 1, "USDC", True),
        (8, 1, "usd1", True),
        (8, 1, "FDUSD", True),
        (8, 1, "USD", False),
        (8, 1, "BTC", False),
        (2, 3, "USD", False),
        (6, 4, "USD", False),
        (10, 8, "USDT", False),
        (18, 1, "RUB", False),
        (18, 1, "USDT", False),
        (18, 9, "RUB", False),
        (27, 2, "RUB", False),
        (2, 2, "", False),
    ],
)
def test_only_what_is_linear_for_sure_has_a_result(exchange, market, quote, told):
    """Coin-margined contracts are sized in contracts; Moscow counts in points, lots and percent."""
    assert has_result(exchange, market, quote) is told


def test_the_middle_is_exact():
    assert middle("0.1", "0.2") == "0.15"
    assert middle("65123.00", "65124.00") == "65123.5"


def test_no_exponents_no_empty_zeros():
    from decimal import Decimal

    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Decimal("-0.000")) == "0"
    assert plain(Decimal("12.340")) == "12.34"
