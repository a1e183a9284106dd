import pytest

from relay.metascalp.simulator.profile import PROFILES, switched


def test_the_default_build_is_strict_and_an_older_one_is_not():
    assert PROFILES["v1.0.2860"].version == "1.0.2860"
    assert PROFILES["v1.0.2860"].strict_bodies
    assert not PROFILES["v1.0.671"].strict_bodies


def test_a_profile_has_what_is_not_newer_than_its_edition():
    has = {name: [one for one in ("1L", "1S", "2", "3", "3P") if profile.has(one)]
           for name, profile in PROFILES.items()}  # fmt: skip

    assert has == {
        "v1.0.2860": ["1L", "1S", "2", "3", "3P"],
        "v1.0.671": ["1L", "1S", "2"],
        "doc-edition-1": ["1L", "1S"],
        "doc-edition-2": ["1L", "1S", "2"],
    }


def test_switches_are_set_by_name():
    profile = switched(PROFILES["v1.0.2860"], ["combo-everywhere", "extras=false"])

    assert (profile.combo_everywhere, profile.extras) == (True, False)
    assert switched(profile, ["reconnecting_is_active"]).active_states == {2, 3}


@pytest.mark.parametrize("text", ["nope", "extras=maybe", "extras=", "version=1", ""])
def test_what_is_no_switch_is_refused(text):
    with pytest.raises(ValueError, match="no such switch"):
        switched(PROFILES["v1.0.2860"], [text])
