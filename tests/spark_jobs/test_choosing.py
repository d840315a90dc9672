"""Which files are compacted: those of final batches, and never across a batch that may still be written."""

import pytest

from contracts.maintenance import Mismatch
from spark_jobs.maintain_archive import choosing
from spark_jobs.maintain_archive.batches import mismatches
from spark_jobs.maintain_archive.choosing import SMALL_BYTES, groups_to_compact, parts
from spark_jobs.maintain_archive.expiring import oldest_kept
from spark_jobs.maintain_archive.files import ArchivedFile
from tests.spark_jobs.samples import TIME

SECOND = 1_000
NOW = int(TIME.timestamp() * SECOND)


def file(first, last=None, hour=10, rows=1, size=1_000):
    last = first if last is None else last
    return ArchivedFile(f"{hour}/{first}-{last}-{size}", hour, rows, size, first, last)


def chosen(files, *borders, least=2):
    return [[(one.hour, one.first, one.last) for one in group] for group in groups_to_compact(files, borders, least)]


def test_hours_are_apart_and_need_enough_files():
    files = [file(1), file(2), file(2, hour=11), file(3), file(4, hour=12), file(5, hour=12)]
    assert chosen(files, 6) == [[(10, 1, 1), (10, 2, 2), (10, 3, 3)], [(12, 4, 4), (12, 5, 5)]]
    assert chosen(files, 6, least=3) == [[(10, 1, 1), (10, 2, 2), (10, 3, 3)]]


def test_open_batches_are_left_alone_and_not_crossed():
    files = [file(1), file(2), file(3), file(4), file(5), file(6), file(7)]
    assert chosen(files, 3, 6) == [[(10, 1, 1), (10, 2, 2)], [(10, 4, 4), (10, 5, 5)]]


def test_a_file_with_batches_on_both_sides_of_a_border_is_left_alone():
    assert chosen([file(1, 5), file(6), file(7)], 3, 8) == [[(10, 6, 6), (10, 7, 7)]]


def test_large_files_are_left_alone():
    assert chosen([file(1, size=SMALL_BYTES), file(2), file(3)], 9) == [[(10, 2, 2), (10, 3, 3)]]


def test_nothing_beyond_the_horizon():
    assert chosen([file(1), file(2)], 1) == []


def test_a_part_is_of_one_stretch_and_fits(monkeypatch):
    monkeypatch.setattr(choosing, "ROWS_AT_ONCE", 10)
    groups = [[file(1, rows=6)], [file(2, hour=11, rows=6)], [file(5, rows=1)], [file(2, hour=12, rows=2)]]
    found = [[(one.hour, one.first) for one in part] for part in parts(groups, [4, 9])]
    assert found == [[(10, 1)], [(11, 2), (12, 2)], [(10, 5)]]


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ([file(1, rows=3), file(2, rows=4), file(2, hour=11)], []),
        ([file(1, rows=3), file(2, rows=4)], [Mismatch(batch=2, ledger=5, archive=4)]),
        ([file(2, rows=5)], [Mismatch(batch=1, ledger=3, archive=0)]),
        # 1 may stand in the file of 0 to 1
        ([file(0, 1, rows=9), file(2, rows=5)], []),
        ([file(0, 1, rows=9), file(1, 3, hour=11), file(2, rows=9)], []),
    ],
)
def test_what_the_ledger_says_is_held_against_files_of_one_batch(files, wrong):
    assert mismatches(files, {1: 3, 2: 5}) == wrong


def test_the_snapshot_that_a_job_may_have_pinned_stays():
    times = [NOW - 9 * SECOND, NOW - 5 * SECOND, NOW + SECOND]
    assert oldest_kept(times, TIME) == NOW - 5 * SECOND
    assert oldest_kept(times[2:], TIME) == NOW + SECOND
    assert oldest_kept([], TIME) == 0
