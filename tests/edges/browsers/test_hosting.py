from __future__ import annotations

import json
import stat
import struct
import subprocess

import pytest

from relay.edges.browsers import hosting
from relay.frames import encode


@pytest.mark.parametrize(
    ("browser", "where", "allowed"),
    [
        ("Chromium", "profile/NativeMessagingHosts", "allowed_origins"),
        ("Firefox", "home/.mozilla/native-messaging-hosts", "allowed_extensions"),
    ],
)
def test_the_manifest_lies_where_the_browser_looks(tmp_path, browser, where, allowed):
    with hosting.host(browser, tmp_path / "home", tmp_path / "profile", {}):
        manifest = json.loads((tmp_path / where / "metascalp_relay.json").read_text())

    assert manifest["name"] == "metascalp_relay"
    assert allowed in manifest
    assert len({"allowed_origins", "allowed_extensions"} & manifest.keys()) == 1


def test_the_launcher_is_the_owners_alone_and_answers_hello(tmp_path):
    """The very file that the manifest names, started as a browser does: with its own arguments."""
    odd = "a b'c$d"
    with hosting.host("Chromium", tmp_path / "home", tmp_path / "profile", {"ODD": odd}):
        manifest = tmp_path / "profile/NativeMessagingHosts/metascalp_relay.json"
        path = json.loads(manifest.read_text())["path"]
        mode = stat.S_IMODE((tmp_path / "home/host.sh").stat().st_mode)
        hello = encode({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {}})
        done = subprocess.run(
            [path, "chrome-extension://egcejpaeokcmogjmokfehabjofphekff/"],
            input=hello,
            capture_output=True,
            timeout=20,
            env={},
        )

    (length,) = struct.unpack_from("=I", done.stdout)
    assert json.loads(done.stdout[4 : 4 + length])["result"]["app"] == "metascalp-relay"
    assert mode == 0o700
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_batch_file_says_it_is_utf_8_and_keeps_names_whole():
    text = hosting._batch(r"C:\Users\Иван 100%\python.exe", "print(1)", {"HOME": r"C:\50%"})

    assert text == (
        "@echo off\r\n"
        "chcp 65001 >nul\r\n"
        'set "HOME=C:\\50%%"\r\n'
        '"C:\\Users\\Иван 100%%\\python.exe" -c "print(1)" %*\r\n'
    )
