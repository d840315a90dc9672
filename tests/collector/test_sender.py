"""What is kept of a sender."""

import pytest

from collector.sender import kept_address, kept_user_agent


@pytest.mark.parametrize(
    ("client", "forwarded_for", "kept"),
    [
        ("203.0.113.77:5000", None, "203.0.113.0"),
        ("203.0.113.77:5000", "198.51.100.9", "203.0.113.0"),
        ("127.0.0.1:5000", "198.51.100.9", "198.51.100.0"),
        ("127.0.0.1:5000", "10.0.0.1, 198.51.100.9", "198.51.100.0"),
        ("127.0.0.1:5000", "2001:db8:aa:bb::1", "2001:db8:aa::"),
        ("127.0.0.1:5000", "::ffff:198.51.100.9", "198.51.100.0"),
        ("127.0.0.1:5000", "nonsense", None),
        ("[::1]:5000", "198.51.100.9", "198.51.100.0"),
        ("127.0.0.1:5000", None, "127.0.0.0"),
        ("", None, None),
    ],
)
def test_addresses_are_cut_and_proxies_believed_only_on_this_machine(client, forwarded_for, kept):
    assert kept_address(client, forwarded_for) == kept


def test_a_user_agent_is_bounded():
    assert kept_user_agent("x" * 1_000) == "x" * 512
    assert kept_user_agent("") is None
