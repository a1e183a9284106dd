from relay.metascalp.simulator.settings import DEFAULTS, ENUMS, NEWER, Settings


def test_there_are_39_keys_and_edition_2_has_37():
    assert len(DEFAULTS) == 39
    assert len(set(DEFAULTS) - NEWER) == 37


def test_every_enumeration_starts_with_one_of_its_own_values():
    assert all(DEFAULTS[key] in values for key, values in ENUMS.items())


def test_two_tickers_share_nothing():
    one, other = Settings(), Settings()
    one.values["RowHeight"] = None

    assert other.values["RowHeight"] is not None
