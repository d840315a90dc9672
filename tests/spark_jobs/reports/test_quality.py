"""Quality of an hour: what arrived, what became of it, how late it was; and traffic's counts."""

from datetime import timedelta

import pytest
from pyspark.sql import functions as F

from contracts.reports import LATENESS_EDGES_SECONDS
from spark_jobs.reports.quality import counts_by_scope, names_by_scope
from tests.spark_jobs.samples import TIME, archive_rows, archived

HOUR = "2026-11-24T14:00Z"


def after(seconds):
    return TIME + timedelta(seconds=seconds)


def counted(spark, rows, scopes=None):
    names = [row["envelope_id"] for row in rows]
    by_name = F.create_map(*[F.lit(text) for name in names for text in (name, (scopes or {}).get(name, HOUR))])
    reused = F.col("envelope_id").startswith("e/reused")
    marked = archive_rows(spark, rows).withColumns(
        {"edition": F.col("merchant"), "scope": by_name[F.col("envelope_id")], "is_id_reused": reused}
    )
    return marked


def counts(spark, *rows):
    found = counts_by_scope(counted(spark, list(rows))).toArrow().to_pylist()
    assert len(found) <= 1
    return found[0] if found else {}


OUTCOMES = [
    archived("a"),
    archived("b", type="screen"),
    archived("c", type="track", event="x", is_returned=True, is_cookieless=True),
    archived("d", type="identify"),
    archived("e", outcome="duplicate", is_cookieless=True),
    archived("f", outcome="bot"),
    archived("g", outcome="rejected", code="bad_time", type=None),
    archived("h", outcome="rejected", code="bad_time", is_returned=True),
    archived("reused"),
    archived("reused but a copy", outcome="duplicate"),
]


@pytest.fixture(scope="module")
def found(spark):
    return counts(spark, *OUTCOMES)


def test_the_books_balance(found):
    assert (found["received"], found["returned"]) == (8, 2)
    assert [found[name] for name in ("accepted", "duplicate", "bot", "rejected")] == [5, 2, 1, 2]
    assert found["received"] + found["returned"] == len(OUTCOMES)


def test_traffics_counts_are_of_accepted_messages(found):
    assert (found["events"], found["page_views"], found["cookieless"], found["id_reused"]) == (5, 3, 1, 1)


def test_the_last_event_is_an_accepted_one(spark):
    rows = [archived("a"), archived("b", event_time=after(9)), archived("c", event_time=after(99), outcome="bot")]
    assert counts(spark, *rows)["last_event_at"] == after(9)
    assert counts(spark, rows[2])["last_event_at"] is None


def test_late_is_more_than_an_hour(spark):
    rows = [archived(str(s), received_at=after(s)) for s in (-60, 0, 3600, 3600.001, 90_000)]
    found = counts(spark, *rows, archived("copy", received_at=after(90_000), outcome="duplicate"))
    assert found["late"] == 2


def test_the_histogram_of_lateness_has_its_edges(spark):
    rows = [archived(str(edge), received_at=after(edge)) for edge in LATENESS_EDGES_SECONDS]
    rows += [archived(f"{edge}+", received_at=after(edge + 0.001)) for edge in LATENESS_EDGES_SECONDS]
    rows += [archived("early", received_at=after(-200)), archived("copy", outcome="duplicate")]
    lateness = counts(spark, *rows)["lateness"]
    assert lateness == [2] + [2] * (len(LATENESS_EDGES_SECONDS) - 1) + [1]


CLOCKS = {
    ("client", TIME): 0,
    ("corrected", TIME): 1,
    ("capped", TIME): 1,
    ("assigned", TIME): 1,
    ("received", TIME): 1,
    ("received", None): 0,
    ("assigned", None): 0,
}


def test_a_clock_was_corrected_where_the_client_sent_a_time(spark):
    rows = [archived(str(case), time_source=case[0], client_time=case[1]) for case in CLOCKS]
    found = counts_by_scope(counted(spark, rows, {row["envelope_id"]: row["envelope_id"] for row in rows}))
    corrected = {row["scope"]: row["clock_corrected"] for row in found.toArrow().to_pylist()}
    assert corrected == {f"e/{case}": count for case, count in CLOCKS.items()}


def test_codes_and_names_that_look_like_commerce(spark):
    def sent(name, event, **fields):
        return archived(name, type="track", event=event, **fields)

    rows = [
        archived("1", outcome="rejected", code="bad_time"),
        archived("2", outcome="rejected", code="bad_time"),
        archived("3", outcome="rejected", code="too_old"),
        sent("4", "CHECKOUT done\0"),
        sent("5", "Tea Tasted"),
        sent("6", "Order Completed"),
        sent("7", "my_order", outcome="duplicate"),
        sent("8", "basket " + "x" * 200),
        archived("9", type="page", event=None),
        sent("10", "cart opened", outcome="rejected", code="bad_id"),
    ]
    found = names_by_scope(counted(spark, rows)).toArrow().to_pylist()
    assert {(row["kind"], row["name"]): row["count"] for row in found} == {
        ("code", "bad_time"): 2,
        ("code", "too_old"): 1,
        ("code", "bad_id"): 1,
        ("custom", "CHECKOUT done\ufffd"): 1,
        ("custom", ("basket " + "x" * 200)[:100]): 1,
    }


def test_shops_and_hours_keep_apart(spark):
    rows = [archived("a"), archived("b", merchant="open"), archived("c")]
    found = counts_by_scope(counted(spark, rows, {"e/c": "2026-11-24T15:00Z"})).toArrow().to_pylist()
    assert {(row["edition"], row["scope"]): row["accepted"] for row in found} == {
        ("amber", HOUR): 1,
        ("open", HOUR): 1,
        ("amber", "2026-11-24T15:00Z"): 1,
    }
