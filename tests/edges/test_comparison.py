import json

from relay.edges.comparison import Report, Settled

REPORT = Report("127.0.0.1:17845", "1.0.2860", "v1.0.2860", asked=2)
REPORT.settled = [Settled(1, "OPTIONS /ping", "204", True), Settled(2, "GET /ping", "x", None)]


def test_a_report_can_be_read_by_a_person():
    lines = REPORT.text().split("\n")

    assert lines[0] == "MetaScalp 1.0.2860 at 127.0.0.1:17845, compared with v1.0.2860:"
    assert lines[1] == "2 questions, 0 differences"
    assert "- #1 OPTIONS /ping: 204 (as assumed)" in lines
    assert "- #2 GET /ping: x" in lines
    assert "- #3 bodies of another content type: this terminal gives no occasion" in lines
    assert "Not asked:" not in lines


def test_and_by_a_machine():
    data = json.loads(REPORT.as_json())

    assert data["settled"][0] == [1, "OPTIONS /ping", "204", True]
    assert len(data["open"]) == 43
    assert data["differences"] == []
