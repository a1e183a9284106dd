from decimal import Decimal

from relay.metascalp.simulator.record import KEPT, Record


def test_requests_are_numbered_and_the_newest_are_kept():
    record = Record()
    for _ in range(KEPT + 3):
        record.add(1.5, "GET", "/ping", "", b"")

    rows = record.rows()
    assert (record.received, len(rows), rows[0]["n"], rows[-1]["n"]) == (
        KEPT + 3,
        KEPT,
        4,
        KEPT + 3,
    )


def test_a_row_says_what_was_asked_and_answered():
    record = Record()
    request = record.add(1773397800.25, "POST", "/api/combo", "", b'{"ticker":"X","p":0.10}')
    request.status, request.ms = 200, 0.1234

    assert record.rows() == [
        {
            "n": 1,
            "at": Decimal("1773397800.250000"),
            "method": "POST",
            "path": "/api/combo",
            "query": "",
            "body": {"ticker": "X", "p": Decimal("0.10")},
            "status": 200,
            "ms": Decimal("0.123"),
        }
    ]


def test_a_body_that_is_no_json_is_kept_as_text_and_cut():
    record = Record()
    record.add(1.0, "POST", "/", "", b"\xff")
    record.add(1.0, "POST", "/", "", b"x" * 10**6)
    record.add(1.0, "POST", "/", "", b"")

    bodies = [row["body"] for row in record.rows()]
    assert bodies[0] == "\ufffd"
    assert len(bodies[1]) == 65536
    assert bodies[2] is None


def test_clearing_starts_anew():
    record = Record()
    record.add(1.0, "GET", "/", "", b"")
    record.clear()

    assert (record.received, record.rows()) == (0, [])
