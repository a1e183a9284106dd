from __future__ import annotations

import re
import tomllib
from pathlib import Path

from relay.edges.doctor import own

ROOT = Path(__file__).parents[3]


def test_every_package_that_we_stand_on_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=!~\[; ]", one)[0] for one in project["dependencies"]}

    assert names == set(own.PACKAGES)


def test_a_folder_that_is_still_to_be_made_is_judged_by_the_one_above(tmp_path):
    assert own.blocked(tmp_path / "deep" / "down") is None
    (tmp_path / "file").write_text("")
    assert own.blocked(tmp_path / "file" / "down") == tmp_path / "file"
