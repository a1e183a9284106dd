"""A user's own site: the shipped ones pass, and of a wrong one the line and the reason are told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from relay.core import places
from relay.errors import BadConfig
from relay.exchanges import Exchanges
from relay.sitefile import CLASSES, MAX_CHARS, parse

ROOT = Path(__file__).parents[1]
SITE: dict[str, Any] = {
    "id": "mine",
    "name": "Mine",
    "exchange": "BINANCE",
    "hosts": ["charts.example.com"],
    "paths": [{"path": "/c/{base}_{quote}", "market": "spot", "query": {"a": None, "b": ["x"]}}],
    "reject": [{"path": "/api/{rest}", "why": "api"}],
    "dom": [{"use": "link", "selector": "a", "attr": "href", "take": "url", "seen": "2026-11-20"}],
}


@pytest.fixture(scope="module")
def exchanges() -> Exchanges:
    return places.load_exchanges()


def written(**changes: object) -> str:
    return json.dumps({**SITE, **changes}, indent=1, ensure_ascii=False)


def test_a_site_is_taken_as_it_is(exchanges: Exchanges) -> None:
    assert parse(written(), exchanges) == SITE


@pytest.mark.parametrize("file", sorted((ROOT / "extension" / "sites").glob("*.json")), ids=str)
def test_a_shipped_site_would_do_too_but_for_what_only_we_may(
    exchanges: Exchanges, file: Path
) -> None:
    data = json.loads(file.read_text("utf-8"))
    hosts = [host for host in data["hosts"] if "{" not in host]
    dom = [rule for rule in data["dom"] if rule["use"] != "world"]
    ours = {"needs", "menuOnly"}
    mine = {key: value for key, value in data.items() if key not in ours}

    assert parse(json.dumps({**mine, "hosts": hosts, "dom": dom}), exchanges)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{\n "id": "a"\n"name": "b"}', 3, "not JSON"),
        ("[]", 1, "object"),
        ("[" * 100_000, 1, "not JSON"),
        (" " * (MAX_CHARS + 1), 1, "longer"),
        (written(id="../x"), 2, "id wants"),
        (written(exchange="NYSE"), 4, "none of the terminal's"),
        (written(hosts=["*.example.com"]), 6, "exact host"),
        (written(hosts=["localhost"]), 6, "exact host"),
        (written(oldHosts=["*.example.com"]), 36, "exact host"),
        (written(hosts=["127.0.0.1"]), 6, "exact host"),
        (written(hosts=[]), 1, "exact host"),
        (written(hosts="a.example"), 5, "list of texts"),
        (written(needs=["mainWorld"]), 35, "unknown key 'needs'"),
        (written(paths=[{"path": "/{base}", "regex": ".*"}]), 11, "unknown key 'regex'"),
        (written(paths=[{"path": "/{sym}"}]), 10, "{sym} is of no class"),
        (written(paths=[{"path": "trade"}]), 10, "begins with /"),
        (written(paths=[{"path": "/", "market": "moon"}]), 11, "market is one of"),
        (written(paths=[{"path": "/", "query": {"a": "{x:regex}"}}]), 12, "no class"),
        (written(reject=[{"why": "api"}]), 1, "begins with /"),
        (written(dom=[{"use": "world", "selector": "a"}]), 28, "use is row"),
        (written(dom=[{"use": "row"}]), 1, "selector"),
        (written(paths=[{"path": "/", "query": ["a"]}]), 11, "table of templates"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    exchanges: Exchanges, text: str, line: int, reason: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(text, exchanges)

    assert caught.value.text.startswith(f"line {line}: ")
    assert reason in caught.value.text
    assert caught.value.params["line"] == line
    assert caught.value.params["why"]


def test_both_languages_know_the_same_classes() -> None:
    source = (ROOT / "extension" / "reading" / "template.js").read_text("utf-8")
    table = source.split("const CLASSES = {")[1].split("};")[0]

    assert set(re.findall(r"^  (\w+):", table, re.MULTILINE)) | {"quote"} == CLASSES


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    """The relay's English is for logs; the extension says it from the code."""
    sources = [(ROOT / "relay" / name).read_text("utf-8") for name in
               ("sitefile.py", "core/sites.py")]  # fmt: skip
    pattern = r'(?:_Wrong\(\s*|why=)"([a-z-]+)"'
    codes = {code for source in sources for code in re.findall(pattern, source)}

    for language in ("en", "ru"):
        path = ROOT / "extension" / "_locales" / language / "messages.json"
        known = set(json.loads(path.read_text("utf-8")))
        assert {f"site_{code.replace('-', '_')}" for code in codes} - known == set()
    assert len(codes) > 12
