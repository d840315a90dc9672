"""Visitors of an hour: distinct, exact, and a sketch that unites hours."""

from datasketches import hll_sketch, hll_union
from pyspark.sql import functions as F

from spark_jobs.reports.traffic import SKETCH_LG_K, visitors_by_scope
from tests.spark_jobs.samples import archive_rows, archived


def visitors(spark, rows, scope="2026-11-24T14:00Z"):
    marked = archive_rows(spark, rows).withColumns({"edition": F.col("merchant"), "scope": F.lit(scope)})
    return visitors_by_scope(marked).toArrow().to_pylist()


def test_distinct_browsers_of_pages_screens_and_tracks(spark):
    rows = [
        archived("1", anonymous_id="a"),
        archived("2", anonymous_id="a", type="screen"),
        archived("3", anonymous_id="b", type="track"),
        archived("4", anonymous_id="c", type="identify"),
        archived("5", anonymous_id="d", type="alias"),
        archived("6", anonymous_id=None, user_id="u"),
        archived("7", anonymous_id="e", outcome="duplicate"),
        archived("8", anonymous_id="f", outcome="bot"),
        archived("9", anonymous_id="g", outcome="rejected"),
        archived("10", anonymous_id="a", merchant="open"),
    ]
    found = visitors(spark, rows)
    assert {row["edition"]: row["visitors"] for row in found} == {"amber": 2, "open": 1}
    assert set(found[0]) == {"edition", "scope", "visitors", "sketch"}


def test_no_visitors_no_row(spark):
    assert visitors(spark, [archived("1", anonymous_id=None)]) == []


def test_sketches_unite(spark):
    [first] = visitors(spark, [archived(str(number), anonymous_id=f"v{number}") for number in range(300)])
    [second] = visitors(spark, [archived(str(number), anonymous_id=f"v{number}") for number in range(200, 500)])
    assert (first["visitors"], second["visitors"]) == (300, 300)
    union = hll_union(SKETCH_LG_K)
    for row in (first, second):
        union.update(hll_sketch.deserialize(row["sketch"]))
    assert abs(union.get_estimate() - 500) <= 15
