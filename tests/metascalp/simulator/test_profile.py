from relay.metascalp.simulator.profile import PROFILES


def test_the_default_build_is_strict_and_an_older_one_is_not():
    assert PROFILES["v1.0.2860"].version == "1.0.2860"
    assert PROFILES["v1.0.2860"].strict_bodies
    assert not PROFILES["v1.0.671"].strict_bodies
