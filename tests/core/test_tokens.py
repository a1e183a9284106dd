"""A token is shown once and kept as a hash; what is saved counts at once, in every process."""

import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from relay.core.tokens import PREFIX, Tokens, tokens_file
from relay.errors import BadConfig, BadParams, Busy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "tokens.json"


def test_a_new_token_is_known_and_no_other_is(path: Path):
    tokens = Tokens(path)
    text, made = tokens.new("trade", "bot")

    assert tokens.who(text) == made
    for wrong in ("", PREFIX, text[:-1], text + "x", text.lower(), made.digest, "\ud800", "龙"):
        assert tokens.who(wrong) is None


def test_it_has_256_bits_and_is_kept_nowhere(path: Path):
    text, made = Tokens(path).new("read")

    assert text.startswith(PREFIX)
    assert len(text) - len(PREFIX) == 43  # 32 bytes as base64 without padding.
    assert text not in path.read_text("utf-8")
    assert made.digest in path.read_text("utf-8")
    assert Tokens(path).new("read")[0] != text


@pytest.mark.skipif(sys.platform == "win32", reason="the profile's folder has the rights there")
def test_the_file_is_its_owners_alone(path: Path):
    Tokens(path).new("read")
    os.chmod(path, 0o666)
    Tokens(path).new("read")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_another_process_saves_counts_at_once(path: Path):
    door, shell = Tokens(path), Tokens(path)
    assert door.who("nothing yet") is None
    for _ in range(50):
        text, made = shell.new("ui", "bot")
        assert door.who(text) == made
        shell.revoke("bot")
        assert door.who(text) is None


def test_a_file_that_has_settled_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    text, made = Tokens(path).new("ui")
    os.utime(path, (1, 1))
    tokens = Tokens(path)
    assert tokens.who(text) == made

    monkeypatch.setattr(Path, "read_text", lambda *_: pytest.fail("read again"))
    assert tokens.who(text) == made


def test_names_are_made_where_none_is_given_and_are_never_given_twice(path: Path):
    tokens = Tokens(path)

    assert [tokens.new("read")[1].name for _ in range(3)] == ["token-1", "token-2", "token-3"]
    tokens.revoke("token-2")
    assert tokens.new("read")[1].name == "token-2"
    with pytest.raises(BadParams, match="already"):
        tokens.new("read", "token-1")
    for wrong in ("a b", "../x", "", "x" * 41, "a\n"):
        if wrong:
            with pytest.raises(BadParams, match="no name"):
                tokens.new("read", wrong)


def test_what_is_not_there_cannot_be_revoked(path: Path):
    Tokens(path).new("read", "bot")

    with pytest.raises(BadParams, match="there are: bot"):
        Tokens(path).revoke("cat")


@pytest.mark.parametrize(
    ("has", "allowed"), [("read", 1), ("ui", 2), ("trade", 3)], ids=("read", "ui", "trade")
)
def test_a_scope_holds_those_below_it(path: Path, has: str, allowed: int):
    made = Tokens(path).new(has)[1]

    assert [made.allows(one) for one in ("read", "ui", "trade")] == [n < allowed for n in range(3)]


UNKNOWN_SCOPE = '{"tokens":[{"name":"a","scope":"all","created":1,"digest":""}]}'


@pytest.mark.parametrize("content", ["", "[]", '{"tokens":[{"name":"a"}]}', "\x00", UNKNOWN_SCOPE])
def test_a_file_that_cannot_be_read_lets_nobody_in(path: Path, content: str):
    path.parent.mkdir()
    path.write_text(content)

    with pytest.raises(BadConfig):
        Tokens(path).who("x")


def test_a_file_that_may_not_be_looked_at_lets_nobody_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    def denied(self: Path, **more: bool) -> os.stat_result:
        raise PermissionError(13, "in use by another process")

    monkeypatch.setattr(Path, "stat", denied)
    with pytest.raises(BadConfig, match="in use"):
        Tokens(path).all()


def test_many_at_once_lose_nothing(path: Path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Tokens(path).new("read", f"bot-{n}"), range(24)))

    assert len(json.loads(path.read_text("utf-8"))["tokens"]) == 24
    assert [one.name for one in path.parent.iterdir()] == ["tokens.json"]


def test_a_lock_left_behind_is_broken_and_a_held_one_is_respected(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    path.parent.mkdir()
    lock = path.with_suffix(".lock")
    lock.touch()
    os.utime(lock, (1, 1))
    Tokens(path).new("read")

    monkeypatch.setattr("relay.core.tokens._LOCK_S", 0.05)
    lock.touch()
    os.utime(lock, (4e9, 4e9))
    with pytest.raises(Busy):
        Tokens(path).new("read")


def test_it_lies_beside_the_settings(home: Path):
    assert tokens_file() == home / "tokens.json"
