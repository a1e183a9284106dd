"""Settings that nobody can change."""

from __future__ import annotations

import pytest

from relay.core.settings import Fixed
from relay.errors import BadConfig


async def test_settings_without_a_file_stay_as_they_are_and_say_so() -> None:
    settings = Fixed()
    settings.check()
    await settings.follow()
    await settings.save({})

    with pytest.raises(BadConfig, match="no settings file"):
        await settings.save({"markets": ["spot"]})
