"""What a position is worth: exact decimals, and nothing where only a guess could be."""

from __future__ import annotations

import pytest

from relay.marks import Mark, middle, plain, result


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


def test_the_middle_is_exact():
    assert middle("0.1", "0.2") == "0.15"
    assert middle("65123.00", "65124.00") == "65123.5"


def test_no_exponents_no_empty_zeros():
    from decimal import Decimal

    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Decimal("-0.000")) == "0"
    assert plain(Decimal("12.340")) == "12.34"
