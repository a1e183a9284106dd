"""Where a find is: names as the exchanges spell them (captured 2026-05), then what is odd.

The connections are a trader's, with the terminal's own numbers and states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from relay.connection import Connection
from relay.find import Find
from relay.resolve import MAX_OFFERED, Preferences, Resolution, resolve, wanted
from relay.tickers import Listed, TickerList, index


def place(number: int, exchange: str, kind: str, **more: object) -> Connection:
    made = Connection(
        id=number, name=f"{exchange} {kind}", exchange=exchange, exchange_name=exchange,
        exchange_id=0, market=kind, market_type=0, kind=kind, state="connected",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def listed(*rows: str) -> TickerList:
    """Rows as "NAME base quote", with a fourth word where trading is closed."""
    parts = [row.split() for row in rows]
    return index(Listed(row[0], row[1], row[2], len(row) == 3) for row in parts)


PLACES = (
    place(1, "BINANCE", "futures"),
    place(2, "BYBIT", "futures"),
    place(3, "BYBIT", "spot"),
    place(4, "MEXC", "futures"),
    place(5, "OKX", "futures"),
    place(6, "BINANCE", "futures", name="Binance View", view_mode=True),
    place(7, "GATEIO", "futures"),
    place(8, "MEXC", "spot", demo_mode=True),
    place(9, "BINANCE", "spot"),
    place(10, "MOEX", "stock"),
    place(11, "KUCOIN", "spot", state="disconnected"),
    place(12, "TBANK", "currency"),
)
BINANCE = listed(
    "BTCUSDT BTC USDT", "BTCUSDC BTC USDC", "BTCUSDT_260626 BTC USDT", "ETHUSDT ETH USDT",
    "ONLYFUTUSDT ONLYFUT USDT", "OLDUSDT OLD USDT closed",
)  # fmt: skip
LISTS = {
    1: BINANCE,
    2: listed("BTCUSDT BTC USDT", "BTC-26JUN26 BTC USDT", "SOLUSDT SOL USDT"),
    3: listed("BTCUSDT BTC USDT", "TONUSDT TON USDT", "ONLYSPOTUSDT ONLYSPOT USDT"),
    4: listed(
        "BTC_USDT BTC USDT",
        "TON_USDT TONCOIN USDT",
        "GOLD(XAUT)_USDT XAUT USDT",
        "HK50_USDT HK50 USDT",
        "HK50_ HK50 USDT",
        "龙虾_USDT 龙虾 USDT",
    ),
    5: listed("BTCUSDT BTC USDT", "BTC-USDT-260626 BTC USDT"),
    6: BINANCE,
    7: listed("BTC/USDT BTC USDT", "KNC/USDT KNC USDT"),
    8: listed("BTC_USDT BTC USDT", "DEMO_USDT DEMO USDT"),
    9: listed("BTCUSDT BTC USDT"),
    10: listed("SBER SBER RUB", "GAZP GAZP RUB"),
    12: listed("CNYRUB CNY RUB"),
}


def look(
    find: Find, places: Sequence[Connection] = PLACES, preferences: Preferences | None = None
) -> Resolution:
    return resolve(find, places, LISTS, preferences or Preferences())


def offered(found: Resolution) -> list[tuple[int, str, str | None]]:
    return [(one.connection.id, one.symbol, one.why) for one in found.others]


@pytest.mark.parametrize(
    ("find", "where", "symbol", "pattern"),
    [
        (Find("BINANCE", "futures", bare="BTCUSDT"), 1, "BTCUSDT", "BINANCE:BTCUSDT.p"),
        (Find("BINANCE", "spot", bare="BTCUSDT"), 9, "BTCUSDT", "BINANCE:BTCUSDT"),
        (Find("MEXC", "futures", bare="BTCUSDT"), 4, "BTC_USDT", "MEXC:BTC_USDT.p"),
        (Find("MEXC", "futures", native="BTC_USDT", bare="BTCUSDT"), 4, "BTC_USDT", None),
        (Find("MEXC", "futures", native="GOLD(XAUT)_USDT"), 4, "GOLD(XAUT)_USDT", None),
        (Find("MEXC", "futures", "XAUT", "USDT", bare="XAUTUSDT"), 4, "GOLD(XAUT)_USDT", None),
        (Find("MEXC", "futures", bare="HK50_"), 4, "HK50_", None),
        (Find("MEXC", "futures", bare="HK50USDT"), 4, "HK50_USDT", None),
        (Find("MEXC", "futures", "TON", "USDT", bare="TONUSDT"), 4, "TON_USDT", None),
        (Find("MEXC", "futures", "TONCOIN", "USDT"), 4, "TON_USDT", None),
        (Find("MEXC", "futures", bare="龙虾USDT"), 4, "龙虾_USDT", None),
        (Find("MEXC", "spot", bare="DEMOUSDT"), 8, "DEMO_USDT", "MEXC:DEMO_USDT"),
        (Find("GATEIO", "futures", native="BTC_USDT"), 7, "BTC/USDT", "GATEIO:BTC/USDT.p"),
        (Find("OKX", "futures", native="BTC-USDT-SWAP"), 5, "BTCUSDT", None),
        (Find("OKX", "futures", native="BTC-USDT-260626"), 5, "BTC-USDT-260626", None),
        (Find("OKX", "futures", "BTC", "USDT", expiry="260626"), 5, "BTC-USDT-260626", None),
        (Find("BINANCE", "futures", "BTC", "USDT", expiry="260626"), 1, "BTCUSDT_260626", None),
        (Find("BINANCE", "futures", "BTC", "USDT"), 1, "BTCUSDT", None),
        (Find("BYBIT", "spot", bare="TONUSDT"), 3, "TONUSDT", "BYBIT:TONUSDT"),
        (Find("MOEX", "spot", bare="SBER"), 10, "SBER", "MOEX:SBER"),
        (Find("MOEX", "stock", bare="SBER"), 10, "SBER", "MOEX:SBER"),
        (Find("MOEX", None, bare="GAZP"), 10, "GAZP", None),
        (Find("TBANK", "spot", bare="CNYRUB"), 12, "CNYRUB", "TBANK:CNYRUB"),
        (Find("BINANCE", None, bare="BTCUSDT"), 1, "BTCUSDT", None),
        (Find("BYBIT", None, bare="ONLYSPOTUSDT"), 3, "ONLYSPOTUSDT", None),
        (Find("BINANCE", "futures", bare="OLDUSDT"), 1, "OLDUSDT", None),
    ],
)
def test_a_find_is_opened_exactly_where_the_page_said(
    find: Find, where: int, symbol: str, pattern: str | None
) -> None:
    found = look(find)

    assert found.best is not None
    assert (found.code, found.best.connection.id, found.best.symbol) == ("found", where, symbol)
    assert pattern in (None, found.best.pattern)
    assert found.best.why is None


@pytest.mark.parametrize(
    ("find", "preferences", "where"),
    [
        (Find(bare="BTCUSDT"), Preferences(), 1),
        (Find(bare="BTCUSDT"), Preferences(("OKX",)), 5),
        (Find(bare="BTCUSDT"), Preferences(("BYBIT",), ("spot", "futures")), 3),
        (Find(bare="BTCUSDT"), Preferences((), ("spot",)), 3),
        (Find(None, "spot", bare="BTCUSDT"), Preferences(("BINANCE",)), 9),
        (Find(bare="SOLUSDT"), Preferences(), 2),
        (Find(base="BTC"), Preferences(), 1),
        (Find(base="BTC"), Preferences(("MEXC",)), 4),
        (Find(base="SBER"), Preferences(), 10),
        (Find(base="KNC"), Preferences(), 7),
        (Find(base="DEMO"), Preferences(), 8),
        (Find("BINANCE", None, bare="BTCUSDT"), Preferences((), ("spot", "futures")), 9),
    ],
)
def test_what_the_page_leaves_open_the_users_order_decides(
    find: Find, preferences: Preferences, where: int
) -> None:
    found = look(find, preferences=preferences)

    assert found.best is not None
    assert found.best.connection.id == where


def test_a_demo_connection_comes_after_a_real_one() -> None:
    places = (place(1, "MEXC", "futures", demo_mode=True), place(4, "MEXC", "futures"))

    found = resolve(
        Find("MEXC", "futures", bare="BTCUSDT"), places, {1: LISTS[4], 4: LISTS[4]}, Preferences()
    )

    assert found.best is not None
    assert found.best.connection.id == 4
    assert offered(found) == [(1, "BTC_USDT", None)]


@pytest.mark.parametrize("missing", [2, 13])
def test_bybit_is_one_exchange_with_two_numbers(missing: int) -> None:
    """Classic and unified accounts have numbers of their own (MetaScalp API, edition 3)."""
    places = tuple(replace(one, id=13) if one.id == 2 and missing == 2 else one for one in PLACES)
    lists = LISTS | {13: LISTS[2]}

    found = resolve(Find("BYBIT", "futures", bare="BTCUSDT"), places, lists, Preferences())

    assert found.best is not None
    assert found.best.connection.exchange == "BYBIT"


@pytest.mark.parametrize(
    ("find", "code"),
    [
        (Find("BINANCE", "futures", bare="NOSUCHUSDT"), "no-ticker"),
        (Find("BINANCE", "spot", bare="ONLYFUTUSDT"), "no-ticker"),
        (Find("BINANCE", "margin", bare="BTCUSDT"), "no-connection"),
        (Find("HTX", "futures", bare="BTCUSDT"), "no-connection"),
        (Find("OKX", "spot", bare="BTCUSDT"), "no-connection"),
        (Find("NYSE", None, bare="A"), "no-connection"),
        (Find("KUCOIN", "spot", bare="BTC-USDT"), "not-connected"),
        (Find("BINANCE", "futures", "BTC", "USDT", expiry="991231"), "no-ticker"),
        (Find(bare="NOSUCH"), "no-ticker"),
        (Find(base="NOSUCH"), "no-ticker"),
        (Find(None, "options", bare="BTCUSDT"), "no-connection"),
        (Find("BINANCE", "futures", bare="A" * 64), "no-ticker"),
        (Find("BINANCE", "futures", bare="<script>"), "no-ticker"),
    ],
)
def test_what_is_not_there_is_refused_with_the_reason(find: Find, code: str) -> None:
    found = look(find)

    assert (found.best, found.code) == (None, code)


def test_a_connection_in_view_mode_is_not_opened_but_named() -> None:
    found = look(Find("BINANCE", "futures", bare="BTCUSDT"), [PLACES[5]])

    assert found.code == "view-mode"
    assert offered(found) == [(6, "BTCUSDT", "view-mode")]


def test_spot_asked_where_only_futures_live_is_never_silently_futures() -> None:
    found = look(Find("BINANCE", "spot", bare="ONLYFUTUSDT"))

    assert found.best is None
    assert offered(found) == [(1, "ONLYFUTUSDT", "other-market"), (6, "ONLYFUTUSDT", "view-mode")]


def test_another_exchange_is_offered_after_another_market() -> None:
    found = look(Find("BINANCE", "margin", bare="BTCUSDT"))

    assert found.code == "no-connection"
    assert [(number, why) for number, _, why in offered(found)] == [
        (1, "other-market"), (9, "other-market"), (2, "other-exchange"), (3, "other-exchange"),
        (5, "other-exchange"), (4, "other-exchange"),
    ]  # fmt: skip


def test_a_place_that_is_not_connected_any_more_is_named_with_the_reason() -> None:
    gone = replace(PLACES[8], state="reconnecting")

    found = look(Find("BINANCE", "spot", bare="BTCUSDT"), [gone])

    assert found.code == "not-connected"
    assert offered(found) == [(9, "BTCUSDT", "not-connected")]


def test_what_else_exists_is_offered_beside_what_was_found() -> None:
    found = look(Find("BINANCE", "futures", bare="BTCUSDT"))

    assert len(found.others) == MAX_OFFERED
    assert (9, "BTCUSDT", "other-market") in offered(found)
    assert found.best is not None
    assert found.best.connection.id not in [number for number, _, _ in offered(found)]


def test_two_tickers_of_one_connection_are_ambiguous_and_both_offered() -> None:
    places = [place(1, "X", "futures")]
    twins = {1: listed("A-B A B", "A_B A B")}

    found = resolve(Find("X", "futures", "A", "B"), places, twins, Preferences())

    assert (found.best, found.code) == (None, "ambiguous")
    assert [symbol for _, symbol, _ in offered(found)] == ["A-B", "A_B"]


def test_of_two_tickers_the_one_that_trades_is_meant() -> None:
    lists = {1: listed("A-B A B closed", "A_B A B")}

    found = resolve(
        Find("X", "futures", "A", "B"), [place(1, "X", "futures")], lists, Preferences()
    )

    assert found.best is not None
    assert found.best.symbol == "A_B"


@pytest.mark.parametrize(
    ("find", "places", "code"),
    [
        (Find(bare="BTCUSDT"), [], "need-exchange"),
        (Find("BINANCE", bare="BTCUSDT"), [], "no-connection"),
        (Find(bare="BTCUSDT"), [PLACES[10]], "not-connected"),
        (Find(bare="BTCUSDT"), [PLACES[5]], "view-mode"),
        (Find(bare="BTCUSDT"), [PLACES[11]], "no-connection"),
    ],
)
def test_with_nothing_to_open_it_on_the_refusal_says_why(
    find: Find, places: list[Connection], code: str
) -> None:
    assert look(find, places).code == code


def test_a_connection_whose_list_could_not_be_read_is_not_guessed_on() -> None:
    found = resolve(Find("BINANCE", "futures", bare="BTCUSDT"), PLACES, {}, Preferences())

    assert (found.best, found.code, found.others) == (None, "unread", ())


def test_what_comes_after_a_place_that_could_not_be_read_is_offered_and_not_taken() -> None:
    """Where it is listed first, it would be opened: another exchange is another account."""
    find = Find(None, "futures", bare="BTCUSDT")
    without_first = {number: one for number, one in LISTS.items() if number != 1}
    without_last = {number: one for number, one in LISTS.items() if number != 4}

    found = resolve(find, PLACES, without_first, Preferences())
    assert (found.best, found.code) == (None, "unread")
    assert found.others[0].connection.exchange == "BYBIT"

    found = resolve(find, PLACES, without_last, Preferences())
    assert found.best is not None
    assert found.best.connection.exchange == "BINANCE"


def test_meant_connections_come_in_the_order_of_their_ids_live_or_not() -> None:
    shuffled = [PLACES[5], PLACES[0], PLACES[8]]

    assert [one.id for one in wanted(Find("BINANCE", "futures"), shuffled)] == [1, 6]
    assert [one.id for one in wanted(Find("BINANCE"), shuffled)] == [1, 6, 9]
    assert [one.id for one in wanted(Find(market="spot"), PLACES)] == [3, 8, 9, 10, 11, 12]


AWKWARD = (
    place(1, "MEXC", "futures"),
    place(2, "BINANCE", "futures"),
    place(3, "UPBIT", "spot"),
    place(4, "GATEIO", "futures"),
    place(5, "OKX", "futures"),
    place(6, "BYBIT", "futures", exchange_id=6),
    place(7, "BYBIT", "futures", exchange_id=4),
    place(8, "MOEX", "stock"),
    place(9, "MOEX", "futures"),
    place(10, "HYPERLIQUID", "futures"),
    place(11, "BINANCE", "spot"),
    place(12, "KUCOIN", "futures"),
    place(13, "WHITEBIT", "futures"),
    place(14, "MOEX", "currency"),
    place(15, "BITGET", "futures"),
)
AWKWARD_LISTS = {
    1: listed("GOLD(XAUT)_USDT XAUT USDT", "TON_USDT TONCOIN USDT", "PEPE_USDT PEPE USDT"),
    2: listed("龙虾USDT 龙虾 USDT", "1000PEPEUSDT 1000PEPE USDT", "BTCUSD_PERP BTC USD"),
    3: listed("KRW-BTC BTC KRW", "BTC-ETH ETH BTC"),
    4: listed("KNC/USDT KNC USDT", "SOL_USDT_20260710 SOL USDT"),
    5: listed("BTC-USD-SWAP BTC USD", "BTC-USD-260925 BTC USD"),
    6: listed(
        "SHIB1000USDT SHIB1000 USDT",
        "BTCPERP BTC USDC",
        "BTC-25SEP26 BTC USDC",
        "BTCUSDZ26 BTC USD",
        "BTCUSD BTC USD",
    ),
    7: listed("BTCUSD BTC USD", "ONLYOLDUSDT ONLYOLD USDT"),
    8: listed("SBER SBER RUB"),
    9: listed("SiZ6 SiZ6 RUB"),
    10: listed(
        "BTC/USDC BTC USDC",
        "kPEPE/USDC kPEPE USDC",
        "xyz:NVDA/USDC xyz:NVDA USDC",
        "cash:TSLA/USDT0 TSLA USDT0",
        "xyz:GOLD/USDC xyz:GOLD USDC",
        "cash:GOLD/USDT0 cash:GOLD USDT0",
    ),
    11: listed("PEPEUSDT PEPE USDT"),
    12: listed("XBTUSDTM BTC USDT"),
    13: listed("BTC_PERP BTC USDT"),
    14: listed("CNYRUB_TOM CNY RUB"),
    15: listed("BTCPERP BTC USDC", "BTCUSDT BTC USDT"),
}


@pytest.mark.parametrize(
    ("find", "where", "symbol"),
    [
        (Find("MEXC", "futures", "XAUT", "USDT", "XAUT_USDT"), 1, "GOLD(XAUT)_USDT"),
        (Find("MEXC", "futures", bare="XAUTUSDT"), 1, "GOLD(XAUT)_USDT"),
        (Find("MEXC", "futures", "TONCOIN", "USDT", "TONCOIN_USDT"), 1, "TON_USDT"),
        (Find("BINANCE", "futures", "龙虾", "USDT", bare="龙虾USDT"), 2, "龙虾USDT"),
        (Find("BINANCE", "futures", "BTC", "USD", bare="BTCUSD_PERP"), 2, "BTCUSD_PERP"),
        (Find("UPBIT", "spot", "BTC", "KRW", "KRW-BTC", bare="BTCKRW"), 3, "KRW-BTC"),
        (Find("UPBIT", "spot", bare="BTCKRW"), 3, "KRW-BTC"),
        (Find("UPBIT", "spot", bare="ETHBTC"), 3, "BTC-ETH"),
        (Find("GATEIO", "futures", "KNC", "USDT", "KNC_USDT", bare="KNCUSDT"), 4, "KNC/USDT"),
        (Find("GATEIO", "futures", "SOL", "USDT", expiry="260710"), 4, "SOL_USDT_20260710"),
        (Find("OKX", "futures", "BTC", "USD", "BTC-USD-SWAP", bare="BTCUSD"), 5, "BTC-USD-SWAP"),
        (Find("OKX", "futures", "BTC", "USD", expiry="260925"), 5, "BTC-USD-260925"),
        (Find("BYBIT", "futures", "BTC", "USDC", bare="BTCPERP"), 6, "BTCPERP"),
        (Find("BYBIT", "futures", "BTC", "USDC", expiry="260925"), 6, "BTC-25SEP26"),
        (Find("BYBIT", "futures", "BTC", "USD", expiry="261225"), 6, "BTCUSDZ26"),
        (Find("BYBIT", "futures", "BTC", "USD", bare="BTCUSD"), 6, "BTCUSD"),
        (Find("BYBIT", "futures", bare="ONLYOLDUSDT"), 7, "ONLYOLDUSDT"),
        (Find("MOEX", None, "SBER", bare="SBER"), 8, "SBER"),
        (Find("MOEX", "futures", "SIZ6", bare="SiZ6"), 9, "SiZ6"),
        (Find("HYPERLIQUID", "futures", "BTC", None, "BTC", bare="BTCUSDT"), 10, "BTC/USDC"),
        (Find("HYPERLIQUID", "futures", "KPEPE", bare="kPEPEUSDT"), 10, "kPEPE/USDC"),
        (Find("HYPERLIQUID", "futures", "NVDA", "USDC", bare="xyz:NVDAUSDC"), 10, "xyz:NVDA/USDC"),
        (Find("HYPERLIQUID", "futures", "NVDA", "USDC", bare="NVDAUSDC"), 10, "xyz:NVDA/USDC"),
        (Find("HYPERLIQUID", "futures", "TSLA", "USDC", bare="TSLAUSDC"), 10, "cash:TSLA/USDT0"),
        (Find("KUCOIN", "futures", "BTC", "USDT", "BTCUSDTM", bare="BTCUSDT"), 12, "XBTUSDTM"),
        (Find("WHITEBIT", "futures", "BTC", "USDT", bare="BTC_PERP"), 13, "BTC_PERP"),
        (Find("BITGET", "futures", "BTC", "USDC", bare="BTCPERP"), 15, "BTCPERP"),
        (Find(base="BTC"), 15, "BTCUSDT"),
    ],
)  # fmt: skip
def test_an_awkward_name_is_found_under_the_terminals_own(
    find: Find, where: int, symbol: str
) -> None:
    preferences = Preferences(("BITGET", "BINANCE"), ("futures", "spot"))

    found = resolve(find, AWKWARD, AWKWARD_LISTS, preferences)

    assert found.best is not None
    assert (found.best.connection.id, found.best.symbol) == (where, symbol)


@pytest.mark.parametrize(
    ("find", "first"),
    [
        (Find("BINANCE", "futures", "PEPE", "USDT", bare="PEPEUSDT"), (2, "1000PEPEUSDT")),
        (Find("MEXC", "futures", "1000PEPE", "USDT", bare="1000PEPEUSDT"), (1, "PEPE_USDT")),
        (Find("HYPERLIQUID", "futures", "PEPE", None, "PEPE", bare="PEPEUSDT"), (10, "kPEPE/USDC")),
        (Find("BYBIT", "futures", "SHIB", "USDT", bare="SHIBUSDT"), (6, "SHIB1000USDT")),
        (Find("BINANCE", "spot", "KPEPE", "USDT", "kPEPE", bare="kPEPEUSDT"), (11, "PEPEUSDT")),
    ],
)
def test_another_amount_of_the_same_coin_is_offered_first_and_never_taken(
    find: Find, first: tuple[int, str]
) -> None:
    found = resolve(find, AWKWARD, AWKWARD_LISTS, Preferences())

    assert (found.best, found.code) == (None, "no-ticker")
    assert offered(found)[0] == (*first, "other-multiplier")


def test_a_name_that_two_dexes_of_hyperliquid_list_is_offered_from_both() -> None:
    find = Find("HYPERLIQUID", "futures", "GOLD", "USDC", bare="GOLDUSDC")

    found = resolve(find, AWKWARD, AWKWARD_LISTS, Preferences())

    assert (found.best, found.code) == (None, "ambiguous")
    assert [one.symbol for one in found.others] == ["xyz:GOLD/USDC", "cash:GOLD/USDT0"]


def test_a_perpetual_without_its_quote_is_ambiguous_where_two_exist() -> None:
    lists = {10: listed("BTC/USDC BTC USDC", "BTC/USDT BTC USDT")}
    find = Find("HYPERLIQUID", "futures", "BTC", None, "BTC", bare="BTCUSDH")

    found = resolve(find, [AWKWARD[9]], lists, Preferences())

    assert (found.best, found.code) == (None, "ambiguous")
    assert sorted(one.symbol for one in found.others) == ["BTC/USDC", "BTC/USDT"]


def test_the_other_account_of_bybit_is_offered_beside_the_one_taken() -> None:
    found = resolve(Find("BYBIT", "futures", bare="BTCUSD"), AWKWARD, AWKWARD_LISTS, Preferences())

    assert found.best is not None
    assert found.best.connection.exchange_id == 6
    assert offered(found)[0] == (7, "BTCUSD", None)


@pytest.mark.parametrize("exchange", [None, "BINANCE"])
def test_a_coin_alone_means_it_against_dollars_whatever_the_connections_order(
    exchange: str | None,
) -> None:
    """Sizes of an inverse contract are in another unit: it is never what was not said."""
    coin_margined, linear = place(1, "BINANCE", "futures"), place(2, "BINANCE", "futures")
    lists = {1: listed("BTCUSD_PERP BTC USD"), 2: listed("BTCUSDT BTC USDT")}

    found = resolve(Find(exchange, None, "BTC"), [coin_margined, linear], lists, Preferences())

    assert found.best is not None
    assert (found.best.connection.id, found.best.symbol) == (2, "BTCUSDT")
    assert "BTCUSD_PERP" in [one.symbol for one in found.others]
