"""Who may come in: never a page; a program with a token of the right scope, so many times."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.core.tokens import Tokens
from relay.edges.gate import MAX_BODY, MAX_TARGET, Gate, Refused
from relay.head import Head

PORT = 17860
HERE = ("host", f"127.0.0.1:{PORT}")
JSON = ("content-type", "application/json")
ORDERS = "/api/connections/1/orders"
Fields = tuple[tuple[str, str], ...]


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens.json")


@pytest.fixture
def gate(tokens: Tokens) -> Gate:
    return Gate(tokens, local=True)


def head(target: str = "/ping", *fields: tuple[str, str], method: str = "GET") -> Head:
    return Head(method, target, (HERE, *fields))


def why(gate: Gate, one: Head) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        gate.admit(one, PORT)
    assert caught.value.text
    assert gate.refused[caught.value.why] > 0
    return caught.value.status, caught.value.why


PAGES: dict[str, Fields] = {
    "rebinding": (("host", "evil.example"),),
    "rebinding with our port": (("host", f"evil.example:{PORT}"),),
    "our name in theirs": (("host", f"127.0.0.1:{PORT}.evil.example"),),
    "our name as a user": (("host", f"127.0.0.1:{PORT}@evil.example"),),
    "a name that means us": (("host", f"localtest.me:{PORT}"),),
    "127.1": (("host", f"127.1:{PORT}"),),
    "0.0.0.0": (("host", f"0.0.0.0:{PORT}"),),
    "[::1]": (("host", f"[::1]:{PORT}"),),
    "mapped": (("host", f"[::ffff:127.0.0.1]:{PORT}"),),
    "no port": (("host", "127.0.0.1"),),
    "the terminal's port": (("host", "127.0.0.1:17845"),),
    "a dot at the end": (("host", f"localhost.:{PORT}"),),
    "upper case": (("host", f"LOCALHOST:{PORT}"),),
    "no host": (),
    "empty host": (("host", ""),),
    "two hosts": (HERE, ("host", "evil.example")),
    "two hosts, ours last": (("host", "evil.example"), HERE),
    "a site": (HERE, ("origin", "https://www.tradingview.com")),
    "a sandbox or a form of https": (HERE, ("origin", "null")),
    "an empty origin": (HERE, ("origin", "")),
    "ourselves": (HERE, ("origin", f"http://127.0.0.1:{PORT}")),
    "a local page": (HERE, ("origin", "http://localhost:3000")),
    "a file": (HERE, ("origin", "file://")),
    "an extension": (HERE, ("origin", "chrome-extension://egcejpaeokcmogjmokfehabjofphekff")),
    "cross-site": (HERE, ("sec-fetch-site", "cross-site")),
    "same-origin": (HERE, ("sec-fetch-site", "same-origin")),
    "same-site": (HERE, ("sec-fetch-site", "same-site")),
    "none": (HERE, ("sec-fetch-site", "none")),
    "only the mode": (HERE, ("sec-fetch-mode", "no-cors")),
    "only the destination": (HERE, ("sec-fetch-dest", "image")),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("target", ["/ping", ORDERS, "/relay/status", "/relay/open", "/"])
def test_a_page_is_refused_before_anything_else_is_looked_at(gate: Gate, page: str, target: str):
    method = "GET" if target in ("/ping", "/relay/status", "/") else "POST"
    one = Head(method, target, (*PAGES[page], ("upgrade", "websocket"), ("content-length", "99")))

    assert why(gate, one) in ((403, "host"), (403, "page"))


def test_a_page_with_a_token_is_still_a_page(gate: Gate, tokens: Tokens):
    text, _ = tokens.new("trade")
    shown = ("authorization", f"Bearer {text}")

    assert why(gate, head("/ping", shown, ("origin", "null"))) == (403, "page")


TYPED: Fields = (
    ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
)  # fmt: skip


def test_a_person_may_open_the_one_page_and_nothing_else(gate: Gate):
    assert gate.admit(head("/relay/", *TYPED), PORT).page
    for target in ("/relay/status", "/relay/openapi.json", "/ping", "/", "/relay/x/../"):
        assert why(gate, head(target, *TYPED))[0] == 403
    assert why(gate, head("/relay/", *TYPED, method="POST")) == (403, "page")
    for name, value in (("site", "cross-site"), ("site", "same-origin"), ("dest", "iframe"),
                        ("mode", "no-cors")):  # fmt: skip
        linked = {**dict(TYPED), f"sec-fetch-{name}": value}
        assert why(gate, head("/relay/", *linked.items())) == (403, "page")
    assert why(gate, head("/relay/", *TYPED, ("origin", "null"))) == (403, "page")


SHAPES: dict[str, tuple[str, str, Fields, int]] = {
    "absolute": ("GET", "http://127.0.0.1:17845/ping", (), 400),
    "absolute, ours": ("GET", f"http://127.0.0.1:{PORT}/ping", (), 400),
    "another host": ("GET", "//evil.example/api/connections", (), 400),
    "authority": ("CONNECT", "127.0.0.1:17845", (), 405),
    "asterisk": ("OPTIONS", "*", (), 400),
    "empty": ("GET", "", (), 400),
    "up": ("GET", "/api/../ping", (), 400),
    "up, escaped": ("GET", "/api/%2e%2e/ping", (), 400),
    "up, half escaped": ("GET", "/api/.%2E/ping", (), 400),
    "up at the end": ("GET", "/api/..", (), 400),
    "here": ("GET", "/api/./connections", (), 400),
    "two slashes": ("GET", "/api//connections", (), 400),
    "ours, escaped": ("POST", "/relay/%63ancel_all", (), 400),
    "ours, its folder escaped": ("POST", "/%72elay/cancel_all", (), 400),
    "escaped slash": ("POST", "/api/connections/1/orders%2Fcancel", (), 400),
    "escaped backslash": ("GET", "/api/%5c/connections", (), 400),
    "backslash": ("GET", "/api\\connections", (), 400),
    "zero": ("GET", "/api/connections%00", (), 400),
    "line end": ("GET", "/ping%0d%0aHost:%20x", (), 400),
    "a space": ("GET", "/ping HTTP/1.1", (), 400),
    "a raw line end": ("GET", "/ping\r\nx: y", (), 400),
    "a raw letter": ("GET", "/api/\u9f99", (), 400),
    "a fragment": ("GET", "/ping#x", (), 400),
    "long": ("GET", "/" + "a" * MAX_TARGET, (), 414),
    "trace": ("TRACE", "/ping", (), 405),
    "lower case": ("get", "/ping", (), 405),
    "made up": ("PWN", "/ping", (), 405),
    "two lengths": ("POST", "/api/combo", (JSON, ("content-length", "2"),
                    ("content-length", "3")), 400),
    "two equal lengths": ("POST", "/api/combo", (JSON, ("content-length", "2"),) * 2, 400),
    "length and chunks": ("POST", "/api/combo", (JSON, ("content-length", "2"),
                          ("transfer-encoding", "chunked")), 400),
    "two encodings": ("POST", "/api/combo", (JSON, ("transfer-encoding", "gzip, chunked")), 400),
    "an encoding twice": ("POST", "/api/combo", (JSON, ("transfer-encoding", "chunked"),
                          ("transfer-encoding", "chunked")), 400),
    "an odd encoding": ("POST", "/api/combo", (JSON, ("transfer-encoding", "\x0bchunked")), 400),
    "identity": ("POST", "/api/combo", (JSON, ("transfer-encoding", "identity")), 400),
    "a negative length": ("POST", "/api/combo", (JSON, ("content-length", "-1")), 400),
    "an empty length": ("POST", "/api/combo", (JSON, ("content-length", "")), 400),
    "a signed length": ("POST", "/api/combo", (JSON, ("content-length", "+2")), 400),
    "a hexadecimal length": ("POST", "/api/combo", (JSON, ("content-length", "0x2")), 400),
    "a list of lengths": ("POST", "/api/combo", (JSON, ("content-length", "2, 2")), 400),
    "too large": ("POST", "/api/combo", (JSON, ("content-length", str(MAX_BODY + 1))), 413),
    "packed": ("POST", "/api/combo", (JSON, ("content-length", "2"),
               ("content-encoding", "gzip")), 415),
    "packed, chunks": ("POST", "/api/combo", (JSON, ("transfer-encoding", "chunked"),
                       ("content-encoding", "br")), 415),
    "no type": ("POST", "/api/combo", (("content-length", "2"),), 415),
    "no type, chunks": ("POST", "/api/combo", (("transfer-encoding", "chunked"),), 415),
    "two types": ("POST", "/api/combo", (("content-length", "2"), JSON, JSON), 400),
    "two types of no body": ("POST", "/api/combo", (JSON, ("content-type", "text/plain")), 400),
    "two agents": ("GET", "/ping", (("user-agent", "a"), ("user-agent", "b")), 400),
    **{kind: ("POST", "/api/combo", (("content-length", "2"), ("content-type", kind)), 415)
       for kind in ("text/plain", "text/plain; application/json", "application/json+x",
                    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                    "text/json", "application/javascript", "", "application/jsonp")},
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_what_could_mean_two_things_means_none(gate: Gate, name: str):
    method, target, fields, status = SHAPES[name]

    assert why(gate, head(target, *fields, method=method))[0] == status


def test_what_programs_send_comes_in(gate: Gate):
    for one in (
        head("/ping"),
        head("/", ("upgrade", "WebSocket")),
        head("/api/connections/4/orders?Ticker=GOLD%28XAUT%29_USDT&x=%2F..%2f"),
        head("/api/connections/1/", ("content-length", "0")),
        head("/api/combo", JSON, ("content-length", "2"), method="POST"),
        head("/api/combo", ("content-type", "Application/JSON; charset=utf-8"),
             ("transfer-encoding", "Chunked"), method="POST"),
        head("/api/combo", ("content-length", "0"), method="POST"),
        head("/api/signal-levels/triggered", method="DELETE"),
    ):  # fmt: skip
        assert gate.admit(one, PORT).allows("trade")
    assert gate.admit(Head("GET", "/ping", (("host", f"localhost:{PORT}"),)), PORT)
    assert gate.refused == {}


NEEDS = [
    ("GET", "/ping", "read"), ("GET", "/", "read"), ("GET", "/relay/status", "read"),
    ("GET", ORDERS, "read"), ("GET", "/api/unknown", "read"), ("POST", "/relay/status", "read"),
    ("POST", "/api/change-ticker", "ui"), ("POST", "/relay/open", "ui"),
    ("POST", "/relay/pin", "ui"), ("PUT", "/api/ui/documents/x/ticker", "ui"),
    ("POST", ORDERS, "trade"), ("POST", f"{ORDERS}/", "trade"), ("POST", ORDERS.upper(), "trade"),
    ("POST", f"{ORDERS}/cancel", "trade"), ("POST", "/api/connections/1/order%73", "trade"),
    ("POST", "/relay/cancel", "trade"), ("POST", "/relay/cancel_all", "trade"),
    ("PUT", "/api/connections/1/orderbook-settings", "trade"), ("POST", "/api/unknown", "trade"),
    ("DELETE", "/ping", "trade"), ("PATCH", ORDERS, "trade"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "needs"), NEEDS)
@pytest.mark.parametrize("scope", ["read", "ui", "trade"])
def test_a_token_opens_what_its_scope_holds(
    tokens: Tokens, scope: str, method: str, target: str, needs: str
):
    gate = Gate(tokens)
    text, made = tokens.new(scope, "bot")
    one = head(target, ("authorization", f"Bearer {text}"), method=method)

    if made.allows(needs):
        assert gate.admit(one, PORT).name == "bot"
    else:
        assert why(gate, one) == (403, "scope")
    assert why(gate, head(target, method=method)) == (401, "token")


def test_an_upgrade_elsewhere_than_at_the_socket_is_no_way_round_a_scope(tokens: Tokens):
    text, _ = tokens.new("read")
    shown = ("x-relay-token", text)
    upgrade = ("upgrade", "websocket")

    assert Gate(tokens).admit(head("/", shown, upgrade), PORT).scope == "read"
    assert why(Gate(tokens), head(ORDERS, shown, upgrade, method="POST")) == (403, "scope")
    assert why(Gate(tokens), head("/", shown, upgrade, method="POST")) == (403, "scope")


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize(
    "shown", ["", "msr_", "msr_" + "A" * 43, "\x00", "\u9f99" * 50, "x" * 8000]
)
def test_a_token_that_is_shown_has_to_be_right_also_where_none_is_needed(
    tokens: Tokens, shown: str, local: bool
):
    tokens.new("trade")
    gate = Gate(tokens, local)

    assert why(gate, head("/ping", ("x-relay-token", shown))) == (401, "token")
    assert why(gate, head("/ping", ("authorization", f"Bearer {shown}"))) == (401, "token")


def test_a_revoked_token_is_out_at_once(tokens: Tokens):
    gate = Gate(tokens)
    text, _ = tokens.new("read", "bot")
    one = head("/ping", ("x-relay-token", text))
    assert gate.admit(one, PORT)

    tokens.revoke("bot")
    assert why(gate, one) == (401, "token")


def test_so_many_requests_a_second_for_each_token_and_fewer_orders(tokens: Tokens):
    gate = Gate(tokens, requests_s=20, orders_s=3)
    first, second = (("x-relay-token", tokens.new("trade")[0]) for _ in range(2))
    for _ in range(3):
        gate.admit(head(ORDERS, first, method="POST"), PORT)

    with pytest.raises(Refused) as caught:
        gate.admit(head(f"{ORDERS}/cancel", first, method="POST"), PORT)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")
    assert "orders" in caught.value.text
    for _ in range(16):
        gate.admit(head("/ping", first), PORT)
    assert why(gate, head("/ping", first)) == (429, "rate")
    gate.admit(head(ORDERS, second, method="POST"), PORT)


def test_a_cancel_is_an_order_whichever_way_it_is_asked(tokens: Tokens):
    gate = Gate(tokens, orders_s=2)
    token = ("x-relay-token", tokens.new("trade")[0])
    for name in ("cancel", "cancel_all", "open"):
        gate.admit(head(f"/relay/{name}", token, method="POST"), PORT)

    assert why(gate, head(ORDERS, token, method="POST")) == (429, "rate")
    assert why(gate, head("/relay/cancel", token, method="POST")) == (429, "rate")
    gate.admit(head("/relay/open", token, method="POST"), PORT)


def test_a_program_without_a_token_has_no_limit(gate: Gate):
    for _ in range(500):
        gate.admit(head(ORDERS, method="POST"), PORT)


def test_a_file_of_tokens_that_cannot_be_read_lets_nobody_in(tmp_path: Path):
    (tmp_path / "tokens.json").write_text("{")
    gate = Gate(Tokens(tmp_path / "tokens.json"))

    assert why(gate, head("/ping", ("x-relay-token", "x"))) == (500, "tokens")
