"""The commands of the door: its options, and its keys from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relay.core.tokens import Tokens, tokens_file
from relay.edges import cli


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(str(ended.value.code))


def test_a_token_is_made_listed_and_ended(home: Path, capsys: pytest.CaptureFixture[str]):
    assert run("token", "new", "--scope", "trade", "--name", "bot") == 0
    told = capsys.readouterr()
    text = told.out.strip()
    assert Tokens(tokens_file()).who(text).scope == "trade"
    assert "not shown again" in told.err

    assert run("token", "list") == 0
    listed = capsys.readouterr().out
    assert listed.split()[:2] == ["bot", "trade"]
    assert text not in listed

    assert run("token", "revoke", "bot") == 0
    assert Tokens(tokens_file()).who(text) is None
    capsys.readouterr()
    assert run("token", "revoke", "bot") == 1
    assert "no token named 'bot'" in capsys.readouterr().err
    assert run("token", "list") == 0
    assert "No tokens" in capsys.readouterr().out


def test_all_of_it_for_machines(home: Path, capsys: pytest.CaptureFixture[str]):
    assert run("token", "new", "--scope", "read", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["scope"]) == ("token-1", "read")
    assert Tokens(tokens_file()).who(made["token"])

    assert run("token", "list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {"name", "scope", "created"}
    assert run("token", "revoke", "token-1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"revoked": "token-1"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["token"], ["token", "new"], ["token", "new", "--scope", "all"], ["token", "revoke"],
        ["serve", "--auth", "none"], ["serve", "--keys", "snake"], ["serve", "--limit", "-1"],
        ["serve", "--limit", "nan"], ["serve", "--order-limit", "x"],
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_usage(home: Path, arguments: list[str]):
    assert run(*arguments) == 2


def test_a_name_that_is_taken_is_refused(home: Path, capsys: pytest.CaptureFixture[str]):
    assert run("token", "new", "--scope", "read", "--name", "bot") == 0
    assert run("token", "new", "--scope", "trade", "--name", "bot") == 1
    assert "already" in capsys.readouterr().err
