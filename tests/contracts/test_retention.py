"""Which days are frozen."""

from datetime import UTC, datetime

from contracts.retention import frozen_before, kept_from

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DELETED = datetime(2026, 11, 20, 23, tzinfo=UTC)


def test_everything_is_kept_by_default():
    assert kept_from("Europe/Berlin", None, NOW) is None
    assert frozen_before("Europe/Berlin", None, None, NOW) is None


def test_whole_local_days_are_kept():
    assert kept_from("Europe/Berlin", 2, NOW) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert kept_from("Asia/Kathmandu", 2, NOW) == datetime(2026, 11, 23, 18, 15, tzinfo=UTC)


def test_a_longer_retention_does_not_bring_back_what_was_deleted():
    assert frozen_before("Europe/Berlin", 2, DELETED, NOW) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert frozen_before("Europe/Berlin", 90, DELETED, NOW) == DELETED
    assert frozen_before("Europe/Berlin", None, DELETED, NOW) == DELETED
