"""The table of messages against the document's own list."""

from relay.metascalp.simulator.messages import CLIENT, FAMILIES, SERVER, find
from relay.metascalp.simulator.profile import PROFILES

from .document import CLIENT_TYPES, SERVER_TYPES


def test_every_message_of_the_document_is_in_the_table_and_no_other():
    assert set(CLIENT) == CLIENT_TYPES
    assert set(SERVER) == SERVER_TYPES


def test_every_profile_has_the_messages_of_its_edition():
    counts = {
        name: sum(find(kind, profile) is not None for kind in CLIENT)
        for name, profile in PROFILES.items()
    }

    assert counts == {
        "v1.0.2860": 2 * len(FAMILIES), "v1.0.671": 14, "doc-edition-1": 6, "doc-edition-2": 14,
    }  # fmt: skip


def test_types_are_lower_snake_case_only():
    assert find("Subscribe", PROFILES["v1.0.2860"]) is None
