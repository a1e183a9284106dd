"""This file knows what a running relay needs of its settings, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from relay.errors import BadConfig


class Settings(Protocol):
    """What the relay needs of its settings: the last word before an action, and news of changes."""

    def check(self) -> None:
        """Takes over what is saved, if it is not what was taken over last."""

    async def follow(self) -> None:
        """Takes over every saved change, until cancelled."""

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Writes preferences and takes them over; BadConfig when they cannot be meant."""


class Fixed:
    """Settings that nobody can change."""

    def check(self) -> None:
        pass

    async def follow(self) -> None:
        pass

    async def save(self, changes: Mapping[str, Any]) -> None:
        if changes:
            raise BadConfig("this relay has no settings file", why="unwritable")
