"""Every code of the relay has a sentence of its own in both languages."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from relay import errors, outcome
from tests.extension.node import in_node

HERE = Path(__file__).parent
RELAY = Path(errors.__file__).parent

#: Of the contracts: what an outcome may say besides the codes of errors.py.
OUTCOMES = {
    "switched", "combo-opened", "cancelled", "cancelled-all", "no-connection", "no-ticker",
    "view-mode", "not-connected", "need-exchange", "ambiguous", "bad-find", "binding-not-found",
    "orders-view-only", "order-type-unknown", "one-of-accounts",
}  # fmt: skip


def error_codes() -> set[str]:
    """What every class of errors.py gives for `code`."""
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    return {one.code for one in classes if issubclass(one, errors.RelayError)}


def refusal_codes() -> set[str]:
    """What the relay's own modules call refused(…) with."""
    found = set()
    for module in (RELAY / "core").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("refus"):
                given = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {one for one in given if re.fullmatch(r"[a-z]+(-[a-z]+)+", str(one))}
    return found


def messages(language: str) -> dict[str, str]:
    path = RELAY.parent / "extension" / "_locales" / language / "messages.json"
    return {key: one["message"] for key, one in json.loads(path.read_text("utf-8")).items()}


def told(language: str, codes: set[str]) -> dict[str, Any]:
    return in_node(HERE / "sentences_run.mjs", language, sorted(codes))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_code_has_a_sentence_of_its_own(language):
    codes = error_codes() | OUTCOMES | refusal_codes()

    sentences = {code: one["title"] for code, one in told(language, codes).items()}

    assert len(sentences) == len(codes) > 20
    assert len(set(sentences.values())) == len(codes), "two codes say the same"
    for code, sentence in sentences.items():
        assert sentence, code
        assert not sentence.startswith("outcome_"), code
        assert code == "internal" or f"({code})" not in sentence, "only named, not told"
        assert not re.search(r"\$|\?\)|undefined", sentence), code
        assert bool(re.search("[а-я]", sentence)) == (language == "ru") or code == "switched", code


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_code_of_a_newer_relay_is_named(language):
    sentences = told(language, {"of-tomorrow", "internal"})

    assert "of-tomorrow" in sentences["of-tomorrow"]["title"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_why_of_a_place_has_words(language):
    """Where a ticker exists and is not opened: mypy holds that the relay gives no other."""
    known = messages(language)

    words = {why: known[f"why_{why.replace('-', '_')}"] for why in get_args(outcome.Why)}

    assert len(set(words.values())) == len(words) > 3


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_panel_is_locked_and_a_ticker_pinned_by_different_words(language):
    known = messages(language)

    assert not {known["pin"], known["unpin"]} & {known["panel_lock"], known["panel_unlock"]}


def test_in_russian_an_order_is_taken_off_by_one_word_wherever_that_is_said():
    """The button beside says the same of all orders; "отменить" would be its own undoing."""
    about = ("cancel_", "outcome_cancel", "key_cancel", "activity_cancel", "closed_cancelled")
    words = {key: one for key, one in messages("ru").items() if key.startswith(about)}

    assert len(words) > 10
    assert [key for key, one in words.items() if re.search("отмен", one, re.IGNORECASE)] == []


MISSING = """
globalThis.chrome = {i18n: {getMessage: (key, values) => [key, ...values ?? []].join(" ")},
  runtime: {getManifest: () => ({})}};
const {sentence} = await import("%s/sentences.js");
const said = ["futures", "", undefined].map((market) =>
  sentence({code: "no-ticker", state: "refused", symbol: "BTCUSDT", params: {market}}));
process.stdout.write(JSON.stringify(said));
"""


def test_what_is_not_on_one_market_is_not_said_to_be_nowhere():
    """The chips below may offer it on another."""
    said = in_node(MISSING % (RELAY.parent / "extension").as_uri())

    assert said == [
        "outcome_no_ticker_market BTCUSDT", "outcome_no_ticker BTCUSDT", "outcome_no_ticker BTCUSDT"
    ]  # fmt: skip


HEAD = """
globalThis.chrome = {i18n: {getMessage: (key, values) => [key, ...values ?? []].join(" ")},
  runtime: {getManifest: () => ({})}};
const {Model} = await import("%s/panel/model.js");
const {situation} = await import("%s/panel/head.js");
const {sentence} = await import("%s/sentences.js");
const out = [["127.0.0.1:17846"], [], undefined].map((others) => {
  const model = new Model();
  model.linked({state: "ready", code: null});
  model.heard("status", {terminal: {state: "lost", others}, connections: []});
  return [situation(model).code, model.other, model.against({connection: 1})];
});
const address = "127.0.0.1:17846";
out.push([{address}, {}].map((params) => sentence({code: "terminal-other", params})));
process.stdout.write(JSON.stringify(out));
"""


def test_another_terminal_beside_ours_is_named_where_it_is() -> None:
    """It runs, so nobody is told that none does; the third is a relay of before 2026-12."""
    other, none, older, said = in_node(HEAD % (((RELAY.parent / "extension").as_uri(),) * 3))

    assert other == ["terminal-other", "127.0.0.1:17846", "terminal-other"]
    assert none == older == [None, None, "terminal-not-found"]
    assert said == [
        "outcome_terminal_other 127.0.0.1:17846",
        "outcome_terminal_other another_port",
    ]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_sentence_that_ends_in_a_colon_is_followed_by_a_command(language):
    for code, one in told(language, error_codes() | {"host-missing", "host-exited"}).items():
        assert one["title"].endswith(":") == bool(one["command"]) or code == "relay-broken"
        assert not one["full"].endswith(":"), code
        assert one["full"].endswith(one["command"] or one["title"]), code
