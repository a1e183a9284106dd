from __future__ import annotations

import json
import socket

import pytest

from edges.doctor.sandbox import stub
from relay.edges.doctor import terminal
from relay.edges.doctor.processes import Owner
from relay.metascalp.http import Http
from relay.metascalp.simulator import Simulator


async def test_a_port_is_what_answers_on_it(sim: Simulator):
    with (
        stub(foreign=True) as foreign,
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_server(("127.0.0.1", 0)) as closing,
    ):
        closed = closing.getsockname()[1]
        closing.close()
        numbers = [sim.port, foreign, silent.getsockname()[1], closed]
        ports = [await terminal.look(number) for number in numbers]

    assert [port.state for port in ports] == ["terminal", "foreign", "silent", "closed"]
    assert ports[0].version == "1.0.2860"
    assert "MetaScalpStub" in ports[1].says


async def test_asking_how_open_it_is_changes_nothing_in_it(sim: Simulator):
    async with Http("127.0.0.1", sim.port) as http:
        before = await state(http)
        port = await terminal._look_closely(sim.port, None)
        after = await state(http)

    assert "reads" in port.open_to
    assert after == before


async def state(http: Http) -> dict[str, object]:
    """What a trader could see of the simulated terminal."""
    reply = await http.request("GET", "/sim/state", timeout_s=5.0)
    told = json.loads(reply.body)
    return {name: told[name] for name in ("active", "bindings", "combos", "orders", "positions")}


@pytest.mark.parametrize(
    ("name", "command", "is_it"),
    [
        ("MetaScalp.exe", "", True),
        ("python3", "/usr/bin/python3 -m relay simulate --port 17845", True),
        ("metascalp-relay", "/opt/bin/python /opt/bin/metascalp-relay simulate", True),
        ("wine64-preloader", "/x/wine64-preloader C:\\MetaScalp\\MetaScalp.exe", True),
        ("node", "node server.js", False),
        ("", "", False),
        ("python3", "/home-of/metascalp/venv/bin/python3 evil.py", False),
    ],
)
def test_a_program_is_metascalp_by_its_name(name, command, is_it):
    assert terminal.is_metascalp(Owner(1, name, command)) == is_it
