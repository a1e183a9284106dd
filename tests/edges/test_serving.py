"""What a client may wish for, and how this door answers for itself."""

import json

import pytest

from relay.edges.serving import asked_keys, error
from relay.errors import BadParams
from relay.head import Head


@pytest.mark.parametrize(
    ("target", "header", "keys", "left"),
    [
        ("/ping", None, "asis", "/ping"),
        ("/ping", "camel", "camel", "/ping"),
        ("/ping", "Both", "both", "/ping"),
        ("/ping?relay_keys=pascal", None, "pascal", "/ping"),
        ("/ping?relay_keys=pascal", "camel", "pascal", "/ping"),
        ("/o?Ticker=A%2FB&relay_keys=both&x=%20", None, "both", "/o?Ticker=A%2FB&x=%20"),
        ("/o?relay_keys=both&relay_keys=camel&a", None, "camel", "/o?a"),
        ("/o?xrelay_keys=both&&a=b=c", None, "asis", "/o?xrelay_keys=both&&a=b=c"),
        ("/o?", None, "asis", "/o?"),
    ],
)
def test_the_wish_is_taken_out_and_the_rest_stays_to_the_byte(target, header, keys, left):
    fields = (("x-relay-keys", header),) if header else ()

    assert asked_keys(Head("GET", target, fields), "asis") == (keys, left)


@pytest.mark.parametrize("wish", ["snake", "", "camel,both", "\u9f99"])
def test_a_spelling_there_is_not_is_refused(wish):
    with pytest.raises(BadParams):
        asked_keys(Head("GET", f"/ping?relay_keys={wish}", ()), "asis")


def test_our_refusals_look_like_the_terminals_and_are_spelled_the_same():
    plain, both = (error(400, "Not found", keys, code=None) for keys in ("asis", "both"))

    assert plain.body == b'{"error":"Not found"}'
    assert json.loads(both.body) == {"error": "Not found", "Error": "Not found"}
