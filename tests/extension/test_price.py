"""How people write a price: read digit by digit, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extension.node import in_node

ROOT = Path(__file__).parents[2]
ROWS = [
    ("64250.5", "64250.5"),
    ("64,250.50", "64250.50"),
    ("64.250,50", "64250.50"),
    ("64 250,5", "64250.5"),
    ("64\u00a0250,5 ₽", "64250.5"),
    ("64\u202f250", "64250"),
    ("$64,250", "64250"),
    ("1,234", "1234"),
    ("0,234", "0.234"),
    ("1,23", "1.23"),
    ("1.234", "1.234"),
    ("1.234.567", "1234567"),
    ("1,234,567.8", "1234567.8"),
    ("0.00001234", "0.00001234"),
    ("007", "7"),
    ("64'250", "64250"),
    ("3204.10 USDT", "3204.10"),
    ("1234567890123456.1234567890123456", "1234567890123456.1234567890123456"),
    ("12345678901234567", None),
    ("0", None),
    ("0.00", None),
    ("-5", None),
    ("+5", None),
    ("1e5", None),
    ("5%", None),
    ("12:30", None),
    ("1.2.3", None),
    ("1,23,456", None),
    ("1,234.5,6", None),
    ("12,34.5", None),
    (".5", None),
    ("٣", None),
    ("５", None),
    ("BTC 64250", None),
    ("64250\u202e", None),
    ("<b>1</b>", None),
    ("", None),
    ("1" * 61, None),
]


@pytest.fixture(scope="module")
def read() -> dict[str, str | None]:
    script = (
        f'const {{priceOf}} = await import("{ROOT.as_uri()}/extension/reading/price.js");'
        "const texts = JSON.parse(process.argv[1]);"
        "process.stdout.write(JSON.stringify(texts.map((text) => priceOf(text))));"
    )
    texts = [text for text, _ in ROWS]
    return dict(zip(texts, in_node(script, texts), strict=True))


@pytest.mark.parametrize(("text", "price"), ROWS)
def test_a_price_is_read_or_it_is_none(
    read: dict[str, str | None], text: str, price: str | None
) -> None:
    assert read[text] == price
