"""This file knows how to find our toast in a tree of nodes that shows closed shadow roots too.

A page cannot see into one; a browser's own tools can, each in its own spelling: DevTools
(`DOM.getDocument`, pierce) and WebDriver BiDi (`includeShadowTree: "all"`), 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """One node. name: lower case. identity: DevTools' backendNodeId, 0 where there is none."""

    name: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    below: tuple[Node, ...] = ()
    identity: int = 0

    def walk(self) -> Iterator[Node]:
        yield self
        for node in self.below:
            yield from node.walk()


def devtools(node: Mapping[str, Any]) -> Node:
    """A node as DevTools writes it, with all below it."""
    flat = node.get("attributes", [])
    below = (*node.get("shadowRoots", ()), *node.get("children", ()))
    return Node(
        node["nodeName"].lower(),
        node.get("nodeValue", ""),
        dict(zip(flat[::2], flat[1::2], strict=True)),
        tuple(devtools(one) for one in below),
        node["backendNodeId"],
    )


def bidi(node: Mapping[str, Any]) -> Node:
    """A node as WebDriver BiDi writes it, with all below it."""
    value = node.get("value", {})
    root = value.get("shadowRoot")
    below = (*([root] if root else ()), *value.get("children", ()))
    return Node(
        value.get("localName", "#text"),
        value.get("nodeValue") or "",
        value.get("attributes") or {},
        tuple(bidi(one) for one in below),
    )


def toast(document: Node) -> dict[str, str] | None:
    """State and code of the toast, once it tells more than that something is on its way."""
    box = _box(document)
    return (
        None
        if box is None
        else {name: box.attributes[f"data-{name}"] for name in ("state", "code")}
    )


def button(document: Node, label: str) -> int | None:
    """The identity of the toast's button whose text has this in it."""
    box = _box(document)
    for node in box.walk() if box else ():
        if node.name == "button" and label in "".join(one.text for one in node.walk()):
            return node.identity
    return None


def _box(document: Node) -> Node | None:
    for node in document.walk():
        if node.attributes.get("data-code", "pending") != "pending":
            return node
    return None
