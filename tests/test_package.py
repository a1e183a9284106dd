"""What a user installs: the wheel carries the extension and the host manifests, and finds them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=50)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_carries_every_file_of_the_extension(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("extension", "manifest"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"relay/shipped/{path.relative_to(ROOT).as_posix()}" in inside


def test_the_wheel_has_both_commands(wheel):
    archive = zipfile.ZipFile(wheel)
    (points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(points).decode()

    assert "metascalp-relay = relay.edges.cli:main" in text
    assert "metascalp-relay-host = relay.edges.native:main" in text


@pytest.mark.parametrize("name", ["extension", "manifest"])
def test_an_unpacked_wheel_finds_what_it_carries(wheel, tmp_path, name):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = f"from relay.core.places import shipped; print(shipped({name!r}))"

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert Path(done.stdout.strip()) == tmp_path / "relay/shipped" / name
