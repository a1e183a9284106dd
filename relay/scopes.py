"""This file knows what a token may be for: each scope holds those before it."""

from __future__ import annotations

SCOPES = ("read", "ui", "trade")


def holds(scope: str, other: str) -> bool:
    """Whether somebody with a scope may do what another one is for."""
    return SCOPES.index(scope) >= SCOPES.index(other)
