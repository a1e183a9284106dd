import json

import pytest

from relay.edges import cli
from relay.edges.terminals import PROFILES
from relay.metascalp.simulator.faults import NAMED
from relay.metascalp.simulator.profile import PROFILES as SIMULATED


def test_every_profile_of_the_simulator_can_be_asked_for():
    assert set(PROFILES) == set(SIMULATED)


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    return end.value.code, out, err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("simulate", "--port", "0", "--fault", "nope"), next(iter(NAMED))),
        (("simulate", "--port", "0", "--switch", "nope"), "combo_everywhere"),
        (("simulate", "--port", "0", "--replay", "/no/such/file"), "No such file"),
        (("record", "--terminal", "127.0.0.1:1", "--out", "/dev/null"), "127.0.0.1:1"),
        (("conform", "--terminal", "127.0.0.1:1"), "127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(capsys, arguments, word):
    code, out, err = run(capsys, *arguments)

    assert (code, out) == (1, "")
    assert word in err
    assert "Traceback" not in err


def test_conform_and_record_from_a_shell(outside, capsys, tmp_path):
    code, out, _ = run(capsys, "conform", "--json")
    assert (code, json.loads(out)["differences"]) == (0, [])
    tape = str(tmp_path / "x.jsonl")
    code, out, _ = run(capsys, "record", "1:BTCUSDT", "--seconds", "0.1", "--out", tape)

    assert (code, "lines in" in out) == (0, True)
