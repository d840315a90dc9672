import json

import pytest

from contracts.names import DueGroup
from spark_jobs.rules.requests import MOST_SCOPES, OddRequest, read_request
from tests.contracts.test_messages import golden, validator

HOUR = {"group": "hour", "key": "2026-11-24T09:00Z"}


def request(**overrides):
    base = {
        "v": 1,
        "request_id": "r-1",
        "merchant": "amber",
        "kind": "damaged",
        "scopes": [HOUR, {"group": "day", "key": "2026-11-24"}],
        "settings_version": 1,
        "requested_at": "2026-11-25T14:32:50.000Z",
    }
    return base | overrides


def read(**overrides):
    return read_request(json.dumps(request(**overrides)).encode())


def test_a_request_is_read():
    found = read()
    assert (found.request_id, found.merchant, found.settings_version, found.odd_scopes) == ("r-1", "amber", 1, 0)
    assert found.scopes == {(DueGroup.HOUR, "2026-11-24T09:00Z"), (DueGroup.DAY, "2026-11-24")}


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b"[]",
        b"7",
        b"NaN",
        b'"text"',
        b"[" * 100_000,
        b'{"v":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda value: repr(value)[:12],
)
def test_bytes_that_are_no_request_are_odd(value):
    with pytest.raises(OddRequest):
        read_request(value)


@pytest.mark.parametrize(
    "overrides",
    [
        {"v": 2},
        {"v": None},
        {"request_id": ""},
        {"request_id": ["a"]},
        {"request_id": "x" * 101},
        {"merchant": None},
        {"merchant": {"$gt": ""}},
        {"merchant": "../other"},
        {"merchant": "amber\n"},
        {"kind": "please"},
        {"kind": ["asked"]},
        {"settings_version": True},
        {"settings_version": "1"},
        {"scopes": None},
        {"scopes": {}},
        {"scopes": []},
        {"scopes": [HOUR] * (MOST_SCOPES + 1)},
        {"scopes": ["amber/hour/2026-11-24T09:00Z"]},
    ],
    ids=lambda overrides: repr(overrides)[:40],
)
def test_fields_of_another_form_are_odd(overrides):
    with pytest.raises(OddRequest):
        read(**overrides)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        {},
        {"group": "hour"},
        {"group": "week", "key": "2026-11-24"},
        {"group": "hour", "key": "2026-11-24"},
        {"group": "hour", "key": "2026-11-24T25:00Z"},
        {"group": "hour", "key": "2026-11-24T09:00+01:00"},
        {"group": "hour", "key": {"$ne": 1}},
        {"group": ["day"], "key": "2026-11-24"},
        {"group": "day", "key": "2026-02-30"},
        {"group": "day", "key": "9999-12-31"},
        {"group": "day", "key": "2026-11-24T09:00Z"},
    ],
    ids=lambda odd: repr(odd)[:50],
)
def test_odd_scopes_are_left_out_and_counted(odd):
    found = read(scopes=[odd, HOUR, odd])
    assert (found.scopes, found.odd_scopes) == ({(DueGroup.HOUR, "2026-11-24T09:00Z")}, 2)


def test_the_contract_and_the_rule_agree_on_the_golden_samples():
    for sample in golden("request", "good"):
        assert read_request(json.dumps(sample).encode()).scopes
    for sample in [*golden("request", "bad"), request(merchant="../other"), request(v=2)]:
        assert not validator("request").is_valid(sample)
        with pytest.raises(OddRequest):
            read_request(json.dumps(sample).encode())
