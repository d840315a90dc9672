"""What is kept of a sender."""

import pytest

from collector.sender import addresses, kept_user_agent


@pytest.mark.parametrize(
    ("client", "forwarded_for", "kept"),
    [
        ("203.0.113.77", None, "203.0.113.0"),
        ("203.0.113.77", "198.51.100.9", "203.0.113.0"),
        ("127.0.0.1", "198.51.100.9", "198.51.100.0"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.9", "198.51.100.0"),
        ("127.0.0.1", "2001:db8:aa:bb::1", "2001:db8:aa::"),
        ("127.0.0.1", "::ffff:198.51.100.9", "198.51.100.0"),
        ("127.0.0.1", "nonsense", None),
        ("::1", "198.51.100.9", "198.51.100.0"),
        ("127.0.0.1", None, "127.0.0.0"),
        ("", None, None),
    ],
)
def test_addresses_are_cut_and_proxies_believed_only_on_this_machine(client, forwarded_for, kept):
    assert addresses(client, forwarded_for).kept == kept


def test_a_user_agent_is_bounded():
    assert kept_user_agent("x" * 1_000) == "x" * 512
    assert kept_user_agent("") is None
