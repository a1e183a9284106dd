from __future__ import annotations

import pytest

from relay.edges.doctor.policies import judge


@pytest.mark.parametrize(
    ("policies", "fault"),
    [
        ({}, None),
        ({"NativeMessagingUserLevelHosts": True}, None),
        ({"NativeMessagingUserLevelHosts": False}, "policy-user-hosts"),
        ({"NativeMessagingUserLevelHosts": "0"}, "policy-user-hosts"),
        ({"NativeMessagingBlocklist": ["*"]}, "policy-blocks"),
        ({"NativeMessagingBlocklist": ["metascalp_relay"]}, "policy-blocks"),
        ({"NativeMessagingBlocklist": ["other"]}, None),
        (
            {"NativeMessagingBlocklist": ["*"], "NativeMessagingAllowlist": ["metascalp_relay"]},
            None,
        ),
        ({"NativeMessagingBlocklist": None}, None),
        (
            {"NativeMessagingUserLevelHosts": False, "NativeMessagingBlocklist": ["*"]},
            "policy-blocks",
        ),
    ],
)  # fmt: skip
def test_a_policy_does_to_us_what_its_description_says(policies, fault):
    """The allow-list wins over the block-list (policy list of Chromium 156)."""
    assert judge(policies) == fault
