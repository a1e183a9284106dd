"""Counts in the text form that Prometheus reads."""

import re

from relay.metrics import BOUNDS_S, Metrics, gauge

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\]|\\.)*"(,[a-z]+="(?:[^"\\]|\\.)*")*\})? [\d.e+-]+')


def told(metrics: Metrics) -> dict[str, str]:
    lines = [line for line in metrics.lines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    return dict(line.rsplit(" ", 1) for line in lines)


def test_a_request_is_counted_by_route_and_status():
    metrics = Metrics()
    metrics.answered("GET", "/ping", 200, 0.0004)
    metrics.answered("GET", "/ping", 200, 0.004)
    metrics.answered("GET", "/ping", 503, 60.0)

    lines = told(metrics)
    assert metrics.requests == 3
    assert lines['metascalp_relay_requests_total{method="GET",route="/ping",status="200"}'] == "2"
    assert lines['metascalp_relay_requests_total{method="GET",route="/ping",status="503"}'] == "1"


def test_a_histogram_holds_in_each_bucket_all_that_is_below_it():
    metrics = Metrics()
    for seconds in (0.0, 0.001, 0.0011, 29.0, 31.0):
        metrics.answered("GET", "/ping", 200, seconds)

    lines = told(metrics)
    name = 'metascalp_relay_request_seconds_bucket{method="GET",route="/ping",le="%s"}'
    counts = [int(lines[name % bound]) for bound in (*BOUNDS_S, "+Inf")]
    assert counts[:2] == [2, 3]
    assert counts[-3:] == [3, 4, 5]
    assert lines['metascalp_relay_request_seconds_count{method="GET",route="/ping"}'] == "5"
    assert lines['metascalp_relay_request_seconds_sum{method="GET",route="/ping"}'] == "60.0021"


def test_every_family_has_its_help_and_its_type_once():
    metrics = Metrics()
    metrics.answered("GET", "/ping", 200, 0.1)
    metrics.answered("POST", "/api/combo", 200, 0.1)
    heads = [line for line in metrics.lines() if line.startswith("# TYPE")]

    assert len(heads) == len(set(heads)) == 3


def test_a_label_cannot_end_its_own_quotes():
    value = 'a"b\\c\nd'

    assert gauge("x", "text", {(("name", value),): 1})[-1] == 'x{name="a\\"b\\\\c\\nd"} 1'
