"""This file knows which tickers' orders to read: the terminal cannot list them all by itself.

`GET …/orders` wants a ticker (MetaScalp API, edition 3, 2026-08), so the set is gathered: tickers
of positions, of the terminal's windows, of order updates, opened through us, pinned. It is kept
between runs, newest last, so that an order placed yesterday is seen today.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

#: Per connection. Each costs one read after a gap, so the oldest unpinned make room.
MAX_TICKERS = 200

log = logging.getLogger(__name__)


class Known:
    """Tickers by connection id, with what is pinned."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tickers: dict[int, dict[str, bool]] = _load(path) if path else {}

    def __len__(self) -> int:
        return sum(len(tickers) for tickers in self._tickers.values())

    def of(self, connection: int) -> list[str]:
        return list(self._tickers.get(connection, {}))

    def add(self, connection: int, ticker: str, *, pinned: bool = False) -> bool:
        """Adds a ticker as the newest; True when it was not known."""
        tickers = self._tickers.setdefault(connection, {})
        new = ticker not in tickers
        tickers[ticker] = tickers.pop(ticker, False) or pinned
        while len(tickers) > MAX_TICKERS:
            oldest = next((name for name, kept in tickers.items() if not kept), next(iter(tickers)))
            del tickers[oldest]
        if new or pinned:
            self._save()
        return new

    def unpin(self, connection: int, ticker: str) -> None:
        """Lets a ticker be forgotten when room is needed."""
        if ticker in self._tickers.get(connection, {}):
            self._tickers[connection][ticker] = False
            self._save()

    def _save(self) -> None:
        """Writes beside and moves over, so that a reader never sees half a file."""
        if self._path is None:
            return
        data = {str(number): tickers for number, tickers in self._tickers.items()}
        beside = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            log.warning("the list of known tickers is not kept: %s", error)


def _load(path: Path) -> dict[int, dict[str, bool]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            int(number): {str(name): bool(pinned) for name, pinned in tickers.items()}
            for number, tickers in data.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        log.warning("the list of known tickers cannot be read and starts anew: %s", error)
        return {}
