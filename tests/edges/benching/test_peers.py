"""What is written for peers: whole, and of nothing but what it is given."""

from __future__ import annotations

import ast
import re

import pytest

from relay.edges.benching import payloads, peers

ALL = ["NGINX", "HTTP_PROXY", "WS", "BROADCAST", "SOCKETIFY", "HTTPX", "FAN_C", "PIPE"]


@pytest.mark.parametrize("name", ALL)
def test_ports_are_filled_in(tmp_path, name):
    text = peers.written(getattr(peers, name), tmp_path, "file", 17845, 23456).read_text()

    assert "23456" in text
    assert "17845" in text
    assert not re.search(r"\{(up|port|folder|user|greeting|subscribe|frame)\}", text)


@pytest.mark.parametrize("name", ["BROADCAST", "SOCKETIFY", "HTTPX", "PIPE"])
def test_those_in_python_can_be_read(tmp_path, name):
    text = peers.written(getattr(peers, name), tmp_path, "file.py", 1, 2).read_text()

    assert ast.parse(text).body


@pytest.mark.parametrize("name", ["BROADCAST", "SOCKETIFY", "WS", "FAN_C"])
def test_those_that_fan_out_greet_as_the_terminal_does(tmp_path, name):
    text = peers.written(getattr(peers, name), tmp_path, "file", 1, 2).read_text().replace("\\", "")

    assert payloads.ack().decode() in text
    assert payloads.snapshot().decode() in text
    assert payloads.subscribe().decode() in text
