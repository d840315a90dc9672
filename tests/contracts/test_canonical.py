"""Canonical JSON: the same content is the same bytes, and floats have no place in it."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.canonical import canonical_json, checksum
from contracts.reports import Family, report_checksum


def test_keys_are_sorted_without_spaces_in_utf_8():
    assert canonical_json({"b": [1, None, True], "a": {"é": "🍵"}}) == '{"a":{"é":"🍵"},"b":[1,null,true]}'.encode()


def test_the_checksum_is_the_sha_256_of_it():
    assert checksum({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize("content", [1.0, {"a": 0.5}, [{"a": [1, 2.5]}], (1, 2.0), float("nan")])
def test_floats_are_refused(content):
    with pytest.raises(TypeError, match="float"):
        canonical_json(content)


def test_lone_surrogates_do_not_stop_it():
    assert checksum({"name": "\ud83d"}) != checksum({"name": "?"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@settings(derandomize=True, max_examples=100)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
def test_the_order_of_keys_does_not_matter_and_nothing_is_lost(content):
    turned = dict(reversed(content.items()))
    assert canonical_json(turned) == canonical_json(content)
    assert json.loads(canonical_json(content)) == content


def test_a_swapped_report_has_another_checksum():
    content = {"orders": 1}
    checksums = {
        report_checksum("amber", Family.SALES, "2026-11-24T10:00Z", content),
        report_checksum("open", Family.SALES, "2026-11-24T10:00Z", content),
        report_checksum("amber", Family.TRAFFIC, "2026-11-24T10:00Z", content),
        report_checksum("amber", Family.SALES, "2026-11-24T11:00Z", content),
        report_checksum("amber", Family.SALES, "2026-11-24T10:00Z", {"orders": 2}),
    }
    assert len(checksums) == 5
