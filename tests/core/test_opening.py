"""The way of a click, against a terminal that is not one: every outcome there is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from server import free_port, hang, json_answer, serving
from until import until

from relay.actions import Combo, Open
from relay.config import Config
from relay.connection import Connection
from relay.core.known import Known
from relay.core.relay import Relay
from relay.errors import TerminalSilent
from relay.exchanges import Exchanges
from relay.find import Find, from_pattern
from relay.metascalp.simulator import Simulator
from relay.outcome import Outcome

PING = json_answer('{"app":"MetaScalp","version":"1"}')
ONE = json_answer(
    '{"connections":[{"Id":1,"Name":"B","Exchange":"Binance","ExchangeId":2,"MarketType":2,'
    '"State":2}]}'
)
LIST = json_answer('{"tickers":[{"Name":"BTCUSDT","BaseAsset":"BTC","QuoteAsset":"USDT"}]}')


def relay_at(port: int, exchanges: Exchanges) -> Relay:
    return Relay(Config(terminal=f"127.0.0.1:{port}"), exchanges, Known(None))


async def clicked(
    port: int, exchanges: Exchanges, text: str, binding: str | None = None
) -> Outcome:
    async with relay_at(port, exchanges) as relay:
        return await relay.open(Open(from_pattern(text, exchanges), binding))


def sent(sim: Simulator) -> list[dict[str, Any]]:
    """What changed the terminal, in order."""
    return [row for row in sim.record.rows() if row["method"] == "POST"]  # type: ignore[misc, index]


@pytest.mark.parametrize(
    ("text", "number", "symbol"),
    [
        ("BINANCE:ETHUSDT.p", 1, "ETHUSDT"), ("BINANCE:ETHUSDT", 9, "ETHUSDT"),
        ("MEXC:BTCUSDT.p", 4, "BTC_USDT"), ("MEXC:TONUSDT.p", 4, "TON_USDT"),
        ("gate:ETHUSDT.p", 7, "ETH/USDT"), ("BYBIT:SOLUSDT.p", 2, "SOLUSDT"),
        ("BYBIT:SOLUSDT", 3, "SOLUSDT"), ("OKX:BTC-USDT-SWAP.p", 5, "BTCUSDT"),
        ("MOEX:GAZP", 10, "GAZP"), ("MEXC:ETHUSDT", 8, "ETH_USDT"), ("SOLUSDT", 1, "SOLUSDT"),
        ("MEXC:龙虾USDT.p", 4, "龙虾_USDT"),
    ],
)  # fmt: skip
async def test_the_terminal_shows_what_was_clicked(
    sim: Simulator, exchanges: Exchanges, text: str, number: int, symbol: str
) -> None:
    outcome = await clicked(sim.port, exchanges, text)

    assert (outcome.state, outcome.code, outcome.symbol) == ("done", "switched", symbol)
    assert outcome.connection is not None
    assert outcome.connection.id == number
    assert sim.world.screen.active[number] == symbol
    assert len(sent(sim)) == 1
    assert outcome.ms > 0


async def test_a_name_with_brackets_is_opened_by_its_native_id(
    sim: Simulator, exchanges: Exchanges
) -> None:
    find = Find("MEXC", "futures", native="GOLD(XAUT)_USDT", pattern="MEXC:GOLDXAUTUSDT.p")
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.open(Open(find))

    assert outcome.symbol == sim.world.screen.active[4] == "GOLD(XAUT)_USDT"


async def test_a_binding_gets_the_ticker(sim: Simulator, exchanges: Exchanges) -> None:
    outcome = await clicked(sim.port, exchanges, "BINANCE:ETHUSDT.p", "001")

    assert (outcome.state, outcome.binding) == ("done", "001")
    assert sim.world.screen.bindings["001"] == (1, "ETHUSDT")


async def test_a_binding_that_is_not_there_is_named_with_those_that_are(
    sim: Simulator, exchanges: Exchanges
) -> None:
    outcome = await clicked(sim.port, exchanges, "BINANCE:ETHUSDT.p", "499")

    assert (outcome.state, outcome.code) == ("refused", "binding-not-found")
    assert outcome.params["binding"] == "499"
    assert "001" in outcome.params["available"]
    assert "Binding '499' not found" in outcome.text
    assert outcome.pattern == "BINANCE:ETHUSDT.p"


@pytest.mark.parametrize(
    ("text", "code", "offered", "words"),
    [
        (
            "BINANCE:NOSUCH.p",
            "no-ticker",
            None,
            "BINANCE:NOSUCH.p is not listed on BINANCE futures",
        ),
        ("HTX:BTCUSDT.p", "no-connection", "BINANCE:BTCUSDT.p", "no connection for HTX futures"),
        ("KUCOIN:BTCUSDT", "not-connected", "BINANCE:BTCUSDT", "KUCOIN spot is not connected"),
        ("OKX:BTCUSDT", "no-connection", "OKX:BTCUSDT.p", "no connection for OKX spot"),
        ("NOSUCHCOIN", "no-ticker", None, "NOSUCHCOIN is not listed"),
    ],
)
async def test_a_refusal_says_why_and_offers_what_exists(
    sim: Simulator, exchanges: Exchanges, text: str, code: str, offered: str | None, words: str
) -> None:
    outcome = await clicked(sim.port, exchanges, text)

    assert (outcome.state, outcome.code) == ("refused", code)
    assert words in outcome.text
    assert outcome.pattern == text
    assert sent(sim) == []
    patterns = [one.pattern for one in outcome.alternatives]
    assert offered in patterns if offered else not patterns


async def test_view_mode_is_said_and_what_else_exists(sim: Simulator, exchanges: Exchanges) -> None:
    del sim.world.connections[1]
    outcome = await clicked(sim.port, exchanges, "BINANCE:BTCUSDT.p")

    assert (outcome.state, outcome.code) == ("refused", "view-mode")
    assert "view mode" in outcome.text
    assert "BYBIT:BTCUSDT.p" in [one.pattern for one in outcome.alternatives]
    assert sent(sim) == []


async def test_a_terminal_without_connections_is_asked_for_an_exchange(
    sim: Simulator, exchanges: Exchanges
) -> None:
    sim.world.connections.clear()

    assert (await clicked(sim.port, exchanges, "BTCUSDT")).code == "need-exchange"
    assert (await clicked(sim.port, exchanges, "BINANCE:BTCUSDT")).code == "no-connection"


async def test_a_refusal_is_explained_by_what_has_changed_since(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        await relay.open(Open(from_pattern("BINANCE:BTCUSDT.p", exchanges)))
        sim.world.connections[1].view_mode = True
        outcome = await relay.open(Open(from_pattern("BINANCE:BTCUSDT.p", exchanges)))

    assert (outcome.state, outcome.code) == ("refused", "view-mode")


async def test_the_terminals_own_no_is_told_in_its_words(exchanges: Exchanges) -> None:
    refusal = json_answer('{"error":"No connection found for ..."}', "400 Bad Request")
    async with serving(PING, ONE, LIST, refusal, ONE, LIST) as server:
        outcome = await clicked(server.port, exchanges, "BINANCE:BTCUSDT.p")

    assert (outcome.state, outcome.code) == ("refused", "terminal-refused")
    assert outcome.params["text"].startswith("No connection found")
    assert outcome.pattern == "BINANCE:BTCUSDT.p"


async def test_without_a_terminal_it_says_so_in_time_and_gives_the_pattern(
    exchanges: Exchanges,
) -> None:
    started = time.monotonic()
    outcome = await clicked(free_port(), exchanges, "BINANCE:BTCUSDT.p")

    assert (outcome.state, outcome.code) == ("refused", "terminal-not-found")
    assert outcome.pattern == "BINANCE:BTCUSDT.p"
    assert time.monotonic() - started < 1.5


async def test_a_stranger_that_hangs_on_the_port_does_not_make_it_slower(
    exchanges: Exchanges,
) -> None:
    async with serving(hang) as server:
        started = time.monotonic()
        outcome = await clicked(server.port, exchanges, "BINANCE:BTCUSDT.p")

        assert outcome.code == "terminal-not-found"
        assert time.monotonic() - started < 1.5


async def test_a_click_that_waits_for_anothers_look_is_told_the_same_in_time(
    exchanges: Exchanges,
) -> None:
    async with serving(hang) as server, relay_at(server.port, exchanges) as relay:
        reader = relay.reader(nowhere)
        relay.subscribe(reader, {"status"})
        started = time.monotonic()
        outcome = await relay.open(Open(from_pattern("BTCUSDT.p", exchanges)))
        took = time.monotonic() - started
        relay.leave(reader)

    assert (outcome.code, outcome.pattern) == ("terminal-not-found", "BTCUSDT.p")
    assert took < 1.5


async def nowhere(topic: str, data: dict[str, Any]) -> None:
    """A reader's door."""


async def test_a_terminal_restarted_on_the_same_port_takes_the_next_click(
    exchanges: Exchanges,
) -> None:
    port = free_port()
    async with relay_at(port, exchanges) as relay:
        click = Open(from_pattern("BINANCE:BTCUSDT.p", exchanges))
        async with Simulator(port=port, rate=0):
            first = await relay.open(click)
        assert relay.link.client is not None
        http = relay.link.client.http
        await until(lambda: not any(kept.usable for kept in http._kept))
        between = await relay.open(click)
        async with Simulator(port=port, rate=0) as again:
            second = await relay.open(click)

            assert [first.state, between.code, second.state] == [
                "done", "terminal-not-found", "done",
            ]  # fmt: skip
            assert len(sent(again)) == 1


async def test_a_terminal_that_takes_the_switch_and_does_not_answer_is_unknown(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never "failed", and never sent again."""
    monkeypatch.setattr("relay.core.opening.OPEN_S", 0.3)
    monkeypatch.setattr("relay.core.opening.LOOK_S", 0.25)
    async with serving(PING, ONE, LIST, hang) as server:
        outcome = await clicked(server.port, exchanges, "BINANCE:BTCUSDT.p", "001")

        assert (outcome.state, outcome.code) == ("unknown", "no-answer")
        assert (outcome.symbol, outcome.binding) == ("BTCUSDT", "001")
        assert sum(b"POST" in request[:4] for request in server.requests) == 1


async def test_a_terminal_that_does_not_answer_a_question_was_sent_nothing(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.opening.LOOK_S", 0.2)
    async with serving(PING, hang) as server, relay_at(server.port, exchanges) as relay:
        find = from_pattern("BINANCE:BTCUSDT.p", exchanges)
        outcome = await relay.open(Open(find))

        assert (outcome.state, outcome.code) == ("refused", "no-answer")
        assert outcome.pattern == "BINANCE:BTCUSDT.p"
        with pytest.raises(TerminalSilent):
            await relay.resolve(find)
        assert not [request for request in server.requests if request.startswith(b"POST")]


async def test_a_list_that_hangs_elsewhere_does_not_hide_the_answer(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.opening.ELSEWHERE_S", 0.05)
    two = json_answer(
        '{"connections":[{"Id":1,"ExchangeId":2,"MarketType":2,"State":2},'
        '{"Id":2,"ExchangeId":6,"MarketType":2,"State":2}]}'
    )
    async with serving(PING, two, LIST, hang) as server:
        outcome = await clicked(server.port, exchanges, "BINANCE:NOSUCH.p")

    assert outcome.code == "no-ticker"


async def test_a_ticker_listed_since_is_found(
    sim: Simulator, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.core.opening.REREAD_S", -1.0)
    async with relay_at(sim.port, exchanges) as relay:
        click = Open(from_pattern("BINANCE:BTCUSDT.p", exchanges))
        await relay.open(click)
        relay.opener.lists.known[1].folded.clear()
        relay.opener.lists.known[1].names.clear()
        outcome = await relay.open(click)

    assert outcome.code == "switched"


async def test_what_was_opened_is_known_from_then_on(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        await relay.open(Open(from_pattern("BINANCE:XRPUSDT.p", exchanges)))

        assert relay.known_tickers == 1


async def test_a_combo_opens_on_the_exchange_that_was_named(
    sim: Simulator, exchanges: Exchanges
) -> None:
    finds = tuple(from_pattern(f"MEXC:{one}USDT.p", exchanges) for one in ("ETH", "TON"))
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.combo(Combo(finds))

    assert (outcome.state, outcome.code, outcome.count) == ("done", "combo-opened", 2)
    assert outcome.params == {"symbols": "ETH_USDT, TON_USDT"}
    assert [row["path"] for row in sent(sim)] == ["/api/change-ticker", "/api/combo"]
    assert {"ETH_USDT", "TON_USDT"} <= set(sim.world.screen.combos[-1]["tickers"]) | {
        name for combo in sim.world.screen.combos for name in combo["tickers"]
    }


async def test_a_combo_of_which_one_is_not_there_opens_nothing(
    sim: Simulator, exchanges: Exchanges
) -> None:
    finds = tuple(from_pattern(f"MEXC:{one}.p", exchanges) for one in ("ETHUSDT", "NOSUCH"))
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.combo(Combo(finds))

    assert (outcome.code, outcome.pattern) == ("no-ticker", "MEXC:NOSUCH.p")
    assert sent(sim) == []


async def test_a_combo_over_two_exchanges_is_refused_and_nothing_is_sent(
    sim: Simulator, exchanges: Exchanges
) -> None:
    """One request opens on one connection; the terminal would open the wrong one without a word."""
    patterns = ("BINANCE:BTCUSDT.p", "BYBIT:SOLUSDT.p")
    finds = tuple(from_pattern(one, exchanges) for one in patterns)
    async with relay_at(sim.port, exchanges) as relay:
        outcome = await relay.combo(Combo(finds))

    assert (outcome.state, outcome.code) == ("refused", "combo-elsewhere")
    assert outcome.params == {"ticker": "BYBIT:SOLUSDT.p", "connection": "Binance Futures"}
    assert sent(sim) == []


async def test_a_click_is_answered_in_time_whatever_hangs(exchanges: Exchanges) -> None:
    """A trader is told within 1.5 s, also when the look takes most of it."""
    async with serving(PING, ONE, LIST, hang) as server:
        outcome = await clicked(server.port, exchanges, "BINANCE:BTCUSDT.p", None)

    assert outcome.code == "no-answer"
    assert outcome.ms < 1500


async def test_a_combo_without_a_terminal_says_so(exchanges: Exchanges) -> None:
    find = from_pattern("MEXC:ETHUSDT.p", exchanges)
    async with relay_at(free_port(), exchanges) as relay:
        outcome = await relay.combo(Combo((find,)))

    assert (outcome.code, outcome.pattern) == ("terminal-not-found", "MEXC:ETHUSDT.p")


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (json_answer('{"error":"Combo handler not registered"}', "400 Bad Request"), "refused",
         "terminal-refused"),
        (json_answer("{}", "500 Internal Server Error"), "unknown", "no-answer"),
        (hang, "unknown", "no-answer"),
    ],
)  # fmt: skip
async def test_a_combo_that_the_terminal_does_not_do(
    exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch, answer: Any, state: str, code: str
) -> None:
    monkeypatch.setattr("relay.metascalp.client.COMBO_S", 0.05)
    switched = json_answer('{"status":"ok"}')
    find = from_pattern("BINANCE:BTCUSDT.p", exchanges)
    async with (
        serving(PING, ONE, LIST, switched, answer) as server,
        relay_at(server.port, exchanges) as relay,
    ):
        outcome = await relay.combo(Combo((find,)))

    assert (outcome.state, outcome.code) == (state, code)
    assert outcome.pattern == "BINANCE:BTCUSDT.p"


async def test_the_coins_are_those_of_all_connected_lists(
    sim: Simulator, exchanges: Exchanges
) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        found = await relay.assets()

    assert {"BTC", "TON", "TONCOIN", "SBER"} <= set(found)
    assert sent(sim) == []


async def test_resolving_changes_nothing(sim: Simulator, exchanges: Exchanges) -> None:
    async with relay_at(sim.port, exchanges) as relay:
        found = await relay.resolve(from_pattern("MEXC:BTCUSDT.p", exchanges))

    assert found.best is not None
    assert isinstance(found.best.connection, Connection)
    assert sent(sim) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("BINANCE:DOGEUSDT.p", ("done", "switched", 1)),
        ("BINANCE:BTCUSDT.p", ("dispatched", "one-of-accounts", None)),
    ],
)
async def test_of_two_accounts_only_the_screen_tells_which_one_it_was(
    sim: Simulator, exchanges: Exchanges, text: str, told: tuple[str, str, int | None]
) -> None:
    """The terminal is asked by exchange and market, and shows BTCUSDT on one of them already."""
    sim.world.connections[21] = replace(sim.world.connections[1], id=21, name="Binance second")
    outcome = await clicked(sim.port, exchanges, text)
    async with relay_at(sim.port, exchanges) as relay:
        combo = await relay.combo(Combo((from_pattern(text, exchanges),)))

    where = outcome.connection and outcome.connection.id
    assert (outcome.state, outcome.code, where) == told
    assert (combo.state, combo.code) == ("done", "combo-opened")
    assert len([row for row in sent(sim) if row["path"] == "/api/combo"]) == 1


async def test_where_the_build_does_not_tell_its_screen_no_account_of_two_is_claimed(
    exchanges: Exchanges,
) -> None:
    async with Simulator(profile="v1.0.671", port=0, rate=0.0) as sim:
        sim.world.connections[21] = replace(sim.world.connections[1], id=21, name="Second")
        outcome = await clicked(sim.port, exchanges, "BINANCE:DOGEUSDT.p")
        paths = [row["path"] for row in sent(sim)]

    assert (outcome.state, outcome.code) == ("dispatched", "one-of-accounts")
    assert outcome.params == {"exchange": "Binance USDT Futures", "count": 2}
    assert paths == ["/api/change-ticker"]
