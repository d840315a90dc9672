"""What is sealed is read by nobody without the secret, and under no other name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import NotSealed, seal, unseal

SECRET = b"1" * 16


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_again(content):
    assert unseal(seal(content, SECRET, "a"), SECRET, "a") == content


def test_it_says_nothing_and_is_never_the_same():
    one, other = (seal(b"anna anna anna", SECRET, "a") for _ in range(2))
    assert b"anna" not in one and one != other


@pytest.mark.parametrize(("secret", "name"), [(b"2" * 16, "a"), (SECRET, "b")])
def test_another_secret_or_name_opens_nothing(secret, name):
    with pytest.raises(NotSealed):
        unseal(seal(b"anna", SECRET, "a"), secret, name)


@pytest.mark.parametrize("place", [0, 16, 20, -1])
def test_a_changed_byte_is_noticed(place):
    changed = bytearray(seal(b"anna may", SECRET, "a"))
    changed[place] ^= 1
    with pytest.raises(NotSealed):
        unseal(bytes(changed), SECRET, "a")


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 40])
def test_too_few_bytes_are_not_sealed(short):
    with pytest.raises(NotSealed):
        unseal(short, SECRET, "a")


def test_a_million_bytes_are_sealed_and_opened():
    content = bytes(range(256)) * 4_000
    assert unseal(seal(content, SECRET, "a"), SECRET, "a") == content
