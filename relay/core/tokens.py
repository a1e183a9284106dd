"""This file knows the tokens of the HTTP door: made, kept as hashes, revoked, looked up.

One owner-only file beside the settings. A token is 256 random bits, so its plain SHA-256 tells
nobody anything; the token itself is shown once and kept nowhere. The file is looked at for every
request: what is saved counts at once, without a restart.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from relay.core import files, places
from relay.errors import BadConfig, BadParams, Busy
from relay.scopes import SCOPES, holds

#: So that a token is known for one where it turns up: in a log, in a repository.
PREFIX = "msr_"

_NAME = re.compile(r"[\w.-]{1,40}")
#: File systems tell times in steps of up to two seconds (FAT): what changed so lately may have
#: changed once more without its time saying so.
_SETTLED_S = 2.5
_LOCK_S = 5.0


@dataclass(frozen=True, slots=True)
class Token:
    """One token. created: epoch seconds. digest: SHA-256 of the token, in hex."""

    name: str
    scope: str
    created: int
    digest: str

    def allows(self, scope: str) -> bool:
        return holds(self.scope, scope)


def tokens_file() -> Path:
    return places.config_file().parent / "tokens.json"


class Tokens:
    """The tokens in a file, as they are now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._rows: tuple[Token, ...] = ()

    def who(self, presented: str) -> Token | None:
        """The token that was presented, None when it is none. Every one is compared, in full."""
        digest = _digest(presented)
        found = None
        for one in self.all():
            if hmac.compare_digest(one.digest, digest):
                found = one
        return found

    def all(self) -> tuple[Token, ...]:
        """Every token; none when there is no file. BadConfig when it cannot be read."""
        try:
            seen = _stamp(self._path)
        except FileNotFoundError:
            self._seen, self._rows = None, ()
            return ()
        except OSError as error:
            raise _unreadable(self._path, error) from error
        if seen != self._seen:
            self._rows = _read(self._path)
            settled = time.time() - seen[1] / 1e9 > _SETTLED_S
            self._seen = seen if settled else None
        return self._rows

    def new(self, scope: str, name: str | None = None) -> tuple[str, Token]:
        """A new token and its row. BadParams when the name is taken or no name."""
        assert scope in SCOPES, f"no such scope: {scope!r}"
        with self._changing() as rows:
            taken = {one.name for one in rows}
            name = name or next(
                free for n in range(1, len(rows) + 2) if (free := f"token-{n}") not in taken
            )
            if not _NAME.fullmatch(name):
                raise BadParams(
                    f"{name!r} is no name for a token: up to 40 letters, digits, dots and dashes",
                    field="name",
                )
            if name in taken:
                raise BadParams(f"there is a token named {name} already", field="name")
            text = PREFIX + secrets.token_urlsafe(32)
            made = Token(name, scope, int(time.time()), _digest(text))
            rows.append(made)
        return text, made

    def revoke(self, name: str) -> None:
        """Ends a token; BadParams when there is none of that name."""
        with self._changing() as rows:
            kept = [one for one in rows if one.name != name]
            if len(kept) == len(rows):
                names = ", ".join(one.name for one in rows) or "none"
                raise BadParams(f"no token named {name!r}; there are: {names}", field="name")
            rows[:] = kept

    @contextmanager
    def _changing(self) -> Iterator[list[Token]]:
        """The rows to be changed; written back whole, by one process at a time."""
        files.make_folder(self._path.parent)
        with _locked(self._path.with_suffix(".lock")):
            self._seen = None
            rows = list(self.all())
            yield rows
            _write(self._path, rows)
            self._seen = None


def _read(path: Path) -> tuple[Token, ...]:
    try:
        rows = json.loads(path.read_text("utf-8"))["tokens"]
        tokens = tuple(Token(**row) for row in rows)
        if not all(one.scope in SCOPES and len(one.digest) == 64 for one in tokens):
            raise ValueError("a row that is no token")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path, error) from error
    return tokens


def _unreadable(path: Path, error: Exception) -> BadConfig:
    return BadConfig(f"the file of tokens cannot be read: {path}: {error}")


def _write(path: Path, rows: list[Token]) -> None:
    files.replace(path, json.dumps({"tokens": [asdict(one) for one in rows]}, indent=1).encode())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; a lock that its owner left behind is broken after a while."""
    ends = time.monotonic() + _LOCK_S
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _LOCK_S:
                    path.unlink()
                    continue
            if time.monotonic() > ends:
                raise Busy(f"another process is changing the tokens ({path})") from None
            time.sleep(0.02)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
