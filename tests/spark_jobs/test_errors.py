"""Error messages: what their ids say."""

import pytest

from spark_jobs.errors import attempt_of


@pytest.mark.parametrize(
    ("envelope_id", "attempt"),
    [("a", 0), ("a/r1", 1), ("a/r12", 12), ("a/r1/r2", 2), ("a/r", 0), ("a/rx", 0), ("a/r²", 0), ("a/r" + "9" * 30, 0)],
)
def test_how_often_a_message_was_repaired(envelope_id, attempt):
    assert attempt_of(envelope_id) == attempt
