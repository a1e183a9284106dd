"""What the systems say, as their documents and public captures show it, 2026-11."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from relay.edges.doctor import processes
from relay.edges.doctor.processes import Owner

PROC_NET = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:45B5 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1
   1: 00000000:45B6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1
   2: 0100007F:45B7 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1
   3: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1
"""
NETSTAT = """
Активные подключения

  Имя    Локальный адрес        Внешний адрес          Состояние       PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1044
  TCP    127.0.0.1:17845        0.0.0.0:0              LISTENING       5120
  TCP    127.0.0.1:17845        127.0.0.1:50123        ESTABLISHED     5120
  TCP    [::]:17846             [::]:0                 ABHÖREN         77
  TCP    0.0.0.0:17847          0.0.0.0:0              LISTENING       4
"""
LSOF = """\
p812
cMetaScalp
n127.0.0.1:17845
p900
cpython3.12
n*:17846
"""


def test_listening_sockets_of_linux_are_read_with_their_addresses():
    found = processes.listening(PROC_NET, {17845, 17846, 17847})

    assert found == {"4711": (17845, "127.0.0.1"), "4712": (17846, "0.0.0.0")}


def test_windows_is_read_in_any_language():
    found = processes.netstat(NETSTAT, {17845, 17846})

    assert found == {17845: (5120, "127.0.0.1"), 17846: (77, "::")}


def test_whose_a_port_of_the_system_itself_is_stays_unknown():
    """A terminal on .NET's HttpListener would look like one: http.sys listens in its place, on
    every address, and lets in by the name that was asked for."""
    assert processes.netstat(NETSTAT, {17847}) == {}


def test_the_programs_of_windows_are_read_by_their_numbers():
    text = '"System","4","Services","0","144 K"\n"MetaScalp.exe","5120","Console","1","9,144 K"\n'

    assert processes.tasklist(text) == {4: "System", 5120: "MetaScalp.exe"}
    assert processes.tasklist("INFO: No tasks are running.\n") == {}


def test_a_mac_is_read_too():
    assert processes.lsof(LSOF) == {
        17845: Owner(812, "MetaScalp"),
        17846: Owner(900, "python3.12", address="0.0.0.0"),
    }


@pytest.mark.parametrize("text", ["", "nothing of the kind", "p", "\n\n"])
def test_a_system_that_says_nothing_owns_nothing(text):
    assert processes.listening(text, {17845}) == {}
    assert processes.netstat(text, {17845}) == {}
    if text != "p":
        assert processes.lsof(text) == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_owner_of_a_real_port_is_this_very_process(host):
    with socket.create_server((host, 0)) as listener:
        port = listener.getsockname()[1]
        owner = processes.owners([port])[port]

    assert (owner.pid, owner.address) == (os.getpid(), host)


def test_nobody_is_asked_about_no_port():
    assert processes.owners([]) == {}


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        (["/usr/bin/chromium", "--user-data-dir=/srv/mine"], "/srv/mine"),
        (["/opt/google/chrome/chrome", "--user-data-dir", "/srv/mine"], "/srv/mine"),
        (["/usr/bin/brave-browser", "--user-data-dir=/srv/mine", "--type=renderer"], None),
        (["/usr/bin/chromium"], None),
        (["/usr/bin/chromium", "--user-data-dir=mine"], None),
        (["/usr/bin/chromium", "--user-data-dir"], None),
        (["/usr/bin/code", "--user-data-dir=/srv/mine"], None),
        ([], None),
    ],
)
def test_where_a_browser_was_told_to_keep_its_data(command, folder):
    assert processes.data_folder(command) == (Path(folder) if folder else None)


def test_a_command_line_that_was_written_anew_is_read_all_the_same():
    """Chromium does that on Linux: spaces where zeros were (156, 2026-11)."""
    assert processes._words("/usr/bin/chromium --user-data-dir=/srv/m y --x\0\0") == [
        "/usr/bin/chromium", "--user-data-dir=/srv/m y", "--x"
    ]  # fmt: skip
