"""What stands in the errors topic and is no error of ours, or holds no envelope."""

import pytest

from tests.plugins.errors import error


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\x00",
        b"",
        b"[]",
        b"null",
        b'{"error_id": "x"}',
        error(error_id=""),
        error(original="not base64!"),
        error(merchant="\ud800"),
        error(batch=2**70),
        b"[" * 5_000,
    ],
    ids=["bytes", "empty", "list", "null", "missing", "no id", "no base64", "half a character", "too large", "deep"],
)
def test_what_is_no_error_message_is_filed_under_its_place(run, inbox, value):
    run(value, error())
    found = inbox("topic-id/0/0")
    assert (found["code"], found["original"], found["place"]["offset"]) == ("bad_envelope", value, 0)
    assert found["status"] == "parked"
    assert inbox()["status"] == "repairing"


@pytest.mark.parametrize("whole", [b"\xff", b"[1]", b'{"v":1}', b"[" * 5_000], ids=["bytes", "list", "empty", "deep"])
def test_bytes_that_are_no_envelope_are_parked_as_they_are(run, inbox, whole):
    run(error(code="bad_envelope", field=None, whole=whole))
    assert (inbox()["status"], inbox()["envelope"]) == ("parked", whole)
