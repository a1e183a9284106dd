"""This file knows which of several terminals is ours, and that it stays ours.

Production and Beta run side by side on two ports. One is ours: the one that was set, else the first
that was found. It may be closed and come back on another port; what it says of itself then tells it
from a terminal beside it by its version alone, and that only if the two differ. So what counts is
when somebody was seen where: an order meant for one never goes to the other because the first was
closed.
"""

from __future__ import annotations

from collections.abc import Iterable


class Ours:
    """The terminal that is asked by default. port, version: where and what it was last, None before
    one was found. others: ports of terminals that were seen beside it."""

    def __init__(self) -> None:
        self.port: int | None = None
        self.version: str | None = None
        self.others: frozenset[int] = frozenset()
        self._bare: set[int] = set()
        self._empty: set[int] = set()

    def found(self, port: int, version: str, bare: Iterable[int] = ()) -> None:
        """It is there, and on those ports nobody listened just now."""
        self.port, self.version = port, version
        self.others -= {port}
        self._bare.update(bare)

    def lost(self) -> None:
        """It is gone, as far as anybody can tell."""
        self._empty.clear()

    def empty(self, ports: Iterable[int]) -> None:
        """Nobody listens on these ports, while it is gone."""
        self._empty.update(ports)
        self.others -= self._empty

    def beside(self, ports: Iterable[int], terminals: set[int], silent: set[int]) -> None:
        """What sits on these ports while it is there. silent: who did not say what it is."""
        terminals = terminals | self.others & silent
        self.others = frozenset(terminals - {self.port})
        self._bare = set(ports) - terminals - silent

    def may_be(self, port: int, version: str) -> bool:
        """Whether a terminal that was found is taken for it.

        On another port it is only where nobody listened since it is gone; or, if it has the same
        version, where no terminal was when it was there. Else it is one of the others.
        """
        if self.port in (None, port) or port in self._empty:
            return True
        if port in self._bare and version == self.version:
            return True
        self.others |= {port}
        return False
