"""Write keys: signed, read back, and refused after any change."""

import pytest

from contracts.keys import BadKey, KeyKind, WriteKey, read_key, sign_key

OLD, NEW = {"s1": b"1" * 32}, {"s2": b"2" * 32}
BOTH = NEW | OLD
KEY = WriteKey(KeyKind.PAGE, "s1", "amber-tea", 3)


@pytest.mark.parametrize("kind", KeyKind)
def test_a_key_is_read_as_it_was_signed(kind):
    key = WriteKey(kind, "s1", "amber-tea", 3)
    text = sign_key(key, OLD)
    assert text.startswith(f"wk1.{kind[0]}.s1.amber-tea.3.")
    assert read_key(text, OLD) == key


def test_the_signature_has_160_bits():
    assert len(sign_key(KEY, OLD).rpartition(".")[2]) == 40


def test_secrets_are_rotated_with_both_alive():
    old, new = sign_key(KEY, BOTH), sign_key(WriteKey(KeyKind.PAGE, "s2", "amber-tea", 3), BOTH)
    assert read_key(old, BOTH).secret_id == "s1" and read_key(new, BOTH).secret_id == "s2"
    with pytest.raises(BadKey):
        read_key(old, NEW)


def test_a_secret_that_is_not_there_signs_nothing():
    with pytest.raises(KeyError):
        sign_key(KEY, NEW)


def changed(place, value):
    parts = sign_key(KEY, OLD).split(".")
    parts[place] = value
    return ".".join(parts)


@pytest.mark.parametrize(
    "text",
    [
        changed(0, "wk2"),
        changed(1, "s"),
        changed(1, "x"),
        changed(2, "s2"),
        changed(2, ""),
        changed(3, "other"),
        changed(3, "Amber-tea"),
        changed(3, ""),
        changed(3, "-amber"),
        changed(3, "a" * 41),
        changed(4, "4"),
        changed(4, "03"),
        changed(4, "-3"),
        changed(4, "1234567"),
        changed(4, "٣"),
        changed(5, ""),
        changed(5, "0" * 40),
        changed(5, sign_key(KEY, {"s1": b"9" * 32}).rpartition(".")[2]),
        sign_key(KEY, OLD)[:-1],
        sign_key(KEY, OLD) + "0",
        sign_key(KEY, OLD) + ".more",
        sign_key(KEY, OLD).upper(),
        sign_key(KEY, OLD) + "\n",
        f" {sign_key(KEY, OLD)}",
        "",
        ".....",
    ],
)
def test_a_changed_key_is_refused(text):
    with pytest.raises(BadKey):
        read_key(text, OLD)


def test_a_refusal_does_not_repeat_the_key():
    with pytest.raises(BadKey) as refusal:
        read_key(changed(5, "0" * 40), OLD)
    assert "amber" not in str(refusal.value) and "0000" not in str(refusal.value)
