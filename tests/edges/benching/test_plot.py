"""The picture of a run: whole SVG, to scale, ours marked."""

from __future__ import annotations

from xml.etree import ElementTree

from relay.edges.benching import plot

SVG = "{http://www.w3.org/2000/svg}"


def spread(value):
    return {"median": value, "min": value, "max": value}


def data(**rates):
    shown = {name: {"rate": spread(rate)} for name, rate in rates.items()}
    row = {"name": "fan-out 8, backlog", "unit": "deliveries/s", "key": "rate", "shown": shown}
    return {"date": "2026-11-20", "command": "bench", "machine": "2 x <CPU> & Co", "rows": [row]}


def test_ten_times_as_much_is_one_step_of_the_scale():
    root = ElementTree.fromstring(plot.svg(data(relay=1e6, websockets=1e5, ws=1e4)))
    widths = [float(one.attrib["width"]) for one in root.iter(f"{SVG}rect")]
    texts = [one.text for one in root.iter(f"{SVG}text")]

    assert widths[0] > widths[1] > widths[2]
    assert abs((widths[0] - widths[1]) - (widths[1] - widths[2])) < 1.5
    assert "1,000,000" in texts
    assert "2 x <CPU> & Co" in texts


def test_ours_has_a_colour_of_its_own():
    root = ElementTree.fromstring(plot.svg(data(relay=10.0, other=20.0)))

    assert [one.attrib["fill"] for one in root.iter(f"{SVG}rect")] == [plot.THEIRS, plot.OURS]


def test_rows_that_were_not_measured_are_not_drawn():
    empty = {**data(relay=1.0), "rows": []}

    assert "<rect" not in plot.svg(empty)
