"""No terminal, for tests of processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.core.places import TERMINAL_VARIABLE


@pytest.fixture
def nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, wherever a process started looks."""
    monkeypatch.setenv(TERMINAL_VARIABLE, "127.0.0.1:1")
