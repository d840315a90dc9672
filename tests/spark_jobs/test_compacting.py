"""Compaction: fewer files and the same rows, beside readers and writers that are at work."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow.parquet
import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import functions as F

from spark_jobs.archive import current_snapshot, read_at, write_batch
from spark_jobs.failures import PermanentError
from spark_jobs.iceberg import rewriting
from spark_jobs.maintain_archive.compacting import compact, in_order, prepare, require_same_rows
from spark_jobs.maintain_archive.files import archived_files, hours_of, rows_by_hour
from stack.waiting import wait_until
from tests.spark_jobs.samples import TIME, archive_rows, archived
from tests.spark_jobs.test_archive import names_at, write

HOUR = timedelta(hours=1)


def rows_at(spark, snapshot):
    found = read_at(spark, snapshot).toArrow().to_pylist()
    return sorted(found, key=lambda row: (row["batch"], row["envelope_id"]))


def files_of(spark):
    return archived_files(spark, current_snapshot(spark))


def spans(spark):
    return [(file.rows, file.first, file.last) for file in files_of(spark)]


def compacted(spark, *borders, least_files=2, hold=lambda: None):
    snapshot = current_snapshot(spark)
    return compact(spark, snapshot, archived_files(spark, snapshot), borders, least_files, hold)


def test_small_files_become_one_an_hour_and_every_row_stays(archive):
    for batch in range(1, 4):
        write(archive, batch, f"{batch}-0", flags=["no_currency"], original=b"\x00\xff")
    before = write(archive, 4, "4-1", event_time=TIME + HOUR)
    rows = rows_at(archive, before)
    assert len(compacted(archive, 5)) == 3
    assert spans(archive) == [(3, 1, 3), (1, 4, 4)]
    # a reader that began before reads on
    assert rows_at(archive, current_snapshot(archive)) == rows_at(archive, before) == rows
    assert compacted(archive, 5) == []


def test_open_batches_stay_apart_and_can_be_written_again(archive):
    for batch in range(1, 7):
        write(archive, batch, f"{batch}")
    compacted(archive, 3, 6)
    assert spans(archive) == [(2, 1, 2), (1, 3, 3), (2, 4, 5), (1, 6, 6)]
    write(archive, 3, "3 again", is_first_attempt=False)
    compacted(archive, 7)
    assert spans(archive) == [(6, 1, 6)]
    assert names_at(archive, current_snapshot(archive))[2] == (3, "3 again")


def test_an_attempt_that_ends_while_files_are_written_again(archive):
    """Compaction began first and commits last."""
    for batch in range(1, 4):
        write(archive, batch, f"{batch}")
    compacted(archive, 3, 4, hold=lambda: write(archive, 3, "3 again", is_first_attempt=False))
    assert names_at(archive, current_snapshot(archive)) == [(1, "1"), (2, "2"), (3, "3 again")]
    assert spans(archive) == [(2, 1, 2), (1, 3, 3)]


def test_an_attempt_that_was_writing_before_and_ends_after_compaction(archive, tmp_path):
    """The attempt's rows wait in the middle of its write until compaction has committed."""
    started, gate = tmp_path / "started", tmp_path / "gate"

    def held(batches):
        started.touch()
        assert wait_until(gate.exists, 120)
        yield from batches

    for batch in range(1, 4):
        write(archive, batch, f"{batch}")
    rows = archive_rows(archive, [archived("3 again", batch=3)])
    with ThreadPoolExecutor(1) as writers:
        writing = writers.submit(write_batch, rows.mapInArrow(held, rows.schema), 3, 1, False)
        assert wait_until(started.exists, 120)
        compacted(archive, 3, 4)
        assert spans(archive) == [(2, 1, 2), (1, 3, 3)]
        gate.touch()
        writing.result(120)
    assert names_at(archive, current_snapshot(archive)) == [(1, "1"), (2, "2"), (3, "3 again")]


def test_a_file_that_is_replaced_meanwhile_stops_the_commit_and_nothing_changes(archive):
    """A batch that was wrongly taken for final: Iceberg sees that its file is gone."""
    write(archive, 1, "1")
    snapshot = write(archive, 2, "2")
    files = archived_files(archive, snapshot)
    with rewriting(archive, snapshot.snapshot_id, hours_of(files)) as rewrite:
        prepare(rewrite, files)
        after = write(archive, 2, "2 again", is_first_attempt=False)
        with pytest.raises(Py4JJavaError, match="Missing required files to delete"):
            rewrite.commit("compaction")
    assert current_snapshot(archive) == after
    assert names_at(archive, after) == [(1, "1"), (2, "2 again")]


def test_a_row_that_is_lost_on_the_way_stops_it_before_anything_changes(archive):
    write(archive, 1, "1", "1b")
    snapshot = write(archive, 2, "2")
    files = archived_files(archive, snapshot)
    with rewriting(archive, snapshot.snapshot_id, hours_of(files)) as rewrite:
        counts = rewrite.write(in_order(rewrite.rows().where("envelope_id != 'e/1b'"), 1))
        with pytest.raises(PermanentError, match="has 3 rows, but 2 after it was written again: nothing was changed"):
            require_same_rows(rows_by_hour(files), counts)
    assert current_snapshot(archive) == snapshot


def test_a_shops_rows_lie_together_and_are_read_without_the_others(archive):
    chance = random.Random(1)
    for batch in (1, 2):
        rows = [
            archived(f"{batch}-{shop}-{number}", batch=batch, merchant=shop, original=chance.randbytes(4_000))
            for number in range(750)
            for shop in ("amber", "birch", "cedar", "dahlia")
        ]
        write_batch(archive_rows(archive, rows), batch, len(rows), is_first_attempt=True)
    compacted(archive, 3)
    [file] = files_of(archive)
    groups = pyarrow.parquet.ParquetFile(file.path).metadata
    place = [groups.row_group(0).column(column).path_in_schema for column in range(groups.num_columns)].index(
        "merchant"
    )
    bounds = [groups.row_group(number).column(place).statistics for number in range(groups.num_row_groups)]
    with_birch = [one for one in bounds if one.min <= "birch" <= one.max]
    assert groups.num_row_groups >= 5
    assert len(with_birch) <= groups.num_row_groups / 2
    assert archive.table("lake.footfall.arrivals").where(F.col("merchant") == "birch").count() == 1_500
