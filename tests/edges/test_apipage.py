"""The page for people shows every route and every operation, and loads nothing."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from relay.edges import apipage, operations
from relay.metascalp.routes import ROUTES


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""
        self.tags = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data + " "


def test_every_route_and_operation_is_on_it():
    reader = Reader()
    reader.feed(apipage.page())

    for route in ROUTES:
        assert route.path in reader.text
    for name in set(operations.TABLE) - {*operations.FOR_SOCKETS}:
        assert f"/relay/{name}" in reader.text
    assert not reader.tags & {"script", "link", "img", "iframe", "form", "base", "a"}


def test_its_policy_lets_in_its_own_style():
    (style,) = re.findall(r"<style>(.*?)</style>", apipage.page(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert apipage.style_hash() == f"sha256-{digest}"
    assert "style=" not in apipage.page()


def test_every_heading_stands_once_and_none_is_empty():
    headings = re.findall(r"<h2>(.*?)</h2>", apipage.page())

    assert len(headings) == len(set(headings)) == 12
    assert all(headings)
