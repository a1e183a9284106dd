import json

import pytest

from relay.metascalp.probes import FRAMES, PROBES


def test_nothing_is_deleted_and_nothing_can_be_carried_out():
    assert {probe.method for probe in PROBES} <= {"GET", "POST", "PUT", "PATCH", "OPTIONS"}
    assert all(probe.status >= 400 for probe in PROBES if probe.method in ("POST", "PUT"))


@pytest.mark.parametrize("probe", PROBES, ids=lambda one: f"{one.method} {one.path}")
def test_a_probe_expects_a_text_or_a_shape(probe):
    assert (probe.error is None) != (probe.like is None) or probe.method == "OPTIONS"
    assert probe.like is None or json.loads(probe.like)
    assert probe.since in ("1", "2", "3")


def test_frames_subscribe_to_nothing():
    assert all(known.split()[0] in ("Invalid", "Unknown", "Connection", "Ticker")
               for _, known, _, _ in FRAMES)  # fmt: skip
