"""Bodies are unpacked within bounds."""

import gzip
from types import SimpleNamespace

import pytest

from collector.answers import Refused
from collector.body import BODY_BYTES, WAITING_BYTES, BodyTooLarge, NotGzip, Waiting, size_to_hold, unpacked


def test_gzip_is_known_by_its_bytes():
    assert unpacked(gzip.compress(b'{"a":1}')) == b'{"a":1}'
    assert unpacked(b'{"a":1}') == b'{"a":1}'


def test_a_bomb_is_not_unpacked():
    with pytest.raises(BodyTooLarge) as bomb:
        unpacked(gzip.compress(b"\0" * 50_000_000))
    assert len(bomb.value.head) == BODY_BYTES + 1


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"{}")[:-3], b"\x1f\x8bnonsense", gzip.compress(b"{}") + b"more"],
    ids=["cut", "nonsense", "more"],
)
def test_broken_gzip_is_named(body):
    with pytest.raises(NotGzip):
        unpacked(body)


def test_what_waits_is_bounded():
    waiting, one, other = Waiting(), SimpleNamespace(held=0), SimpleNamespace(held=0)
    waiting.hold(one, WAITING_BYTES)
    with pytest.raises(Refused) as refused:
        waiting.hold(other, 1)
    assert refused.value.answer.status == 503
    waiting.release(one)
    waiting.release(one)
    waiting.hold(other, 1)
    assert (waiting.held_bytes, one.held, other.held) == (1, 0, 1)


def test_a_body_of_unknown_length_counts_as_the_largest():
    assert (size_to_hold(None), size_to_hold("12"), size_to_hold("9999999999")) == (BODY_BYTES, 12, BODY_BYTES)
