"""The toast in a tree, as each browser's tools write it; trees taken from both, 2026-11."""

from __future__ import annotations

from typing import Any

import pytest

from relay.edges.browsers import piercing

BUTTON = "BTCUSDT · Binance Futures"


def in_devtools(code: str | None) -> piercing.Node:
    def node(name: str, *below: Any, text: str = "", **more: Any) -> dict[str, Any]:
        identity = sum(map(ord, name))
        return {"nodeName": name, "nodeValue": text, "backendNodeId": identity, **more,
                "children": list(below)}  # fmt: skip

    button = node("BUTTON", node("#text", text=BUTTON), attributes=["type", "button"])
    told = ["data-state", "refused", "data-code", code] if code else []
    box = node("DIV", button, attributes=["class", "box", *told])
    root = node("#document-fragment", box)
    host = node("DIV", attributes=["popover", "manual"], shadowRoots=[root])
    return piercing.devtools(node("#document", node("HTML", host, attributes=[])))


def in_bidi(code: str | None) -> piercing.Node:
    def node(name: str | None, *below: Any, **more: Any) -> dict[str, Any]:
        named = {"localName": name} if name else {}
        return {"type": "node", "value": {"children": list(below), **named, **more}}

    text = {"type": "node", "value": {"nodeType": 3, "nodeValue": BUTTON, "childNodeCount": 0}}
    told = {"data-state": "refused", "data-code": code} if code else {}
    box = node("div", node("button", text, attributes={}), attributes={"class": "box", **told})
    root = node(None, box, mode="closed")
    host = node("div", attributes={"popover": "manual"}, shadowRoot=root)
    return piercing.bidi(node("html", node("body", shadowRoot=None), host, attributes={}))


@pytest.mark.parametrize("tree", [in_devtools, in_bidi])
def test_the_toast_is_found_inside_the_closed_root(tree):
    assert piercing.toast(tree("no-ticker")) == {"state": "refused", "code": "no-ticker"}


@pytest.mark.parametrize("tree", [in_devtools, in_bidi])
@pytest.mark.parametrize("code", [None, "pending"])
def test_what_is_only_on_its_way_is_no_outcome(tree, code):
    assert piercing.toast(tree(code)) is None
    assert piercing.button(tree(code), "BTCUSDT") is None


def test_a_button_is_found_by_a_part_of_its_text():
    identity = sum(map(ord, "BUTTON"))

    assert piercing.button(in_devtools("no-ticker"), "Binance") == identity
    assert piercing.button(in_devtools("no-ticker"), "Bybit") is None
