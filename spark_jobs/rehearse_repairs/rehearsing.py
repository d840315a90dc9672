"""One rehearsal: the reports of the touched hours with and without the repaired messages, in memory only.

Messages are judged, orders folded and reports computed by the code of the main road; nothing is written.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.names import DueGroup, Outcome
from contracts.rehearsals import MOST_MESSAGES, Messages, Rehearsal, Result
from repairs.shop_rules import Action, read_rule
from spark_jobs.archive import Snapshot, current_snapshot, read_at
from spark_jobs.assigned_times import foreseen
from spark_jobs.database import Document
from spark_jobs.failures import PermanentError
from spark_jobs.frames import frame
from spark_jobs.hour_reports import COLUMNS, reports_of_hours
from spark_jobs.merchants import Merchant, read_merchants
from spark_jobs.orders import StoredOrder, changes_of, orders_counting_on
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.postings import postings_of
from spark_jobs.process_events.judging import Judged, judge
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.rehearse_repairs.differences import day_differences
from spark_jobs.rehearse_repairs.replayed_messages import Replayed, dropped_messages, replayed_messages
from spark_jobs.report_documents import Computation, Report
from spark_jobs.reports.scopes import rows_in_scopes
from spark_jobs.rules.copies import with_outcomes
from spark_jobs.sources import MESSAGES

IMAGINED_BATCH = 2**62
"""Later than every real one, as a replay would be."""
_TOPIC_ID = "rehearsal"
_OF_ROWS = (
    *(name for name in COLUMNS if name != "is_id_reused"), "batch", "partition", "offset", "envelope_id", "message_id", "is_bot",
)  # fmt: skip
"""What outcomes and reports are made of."""


def rehearse(
    spark: SparkSession, database: Database[Document], rehearsal: Rehearsal, most: int = MOST_MESSAGES
) -> Result:
    """What a replay of the cause with the rule would change now. Raises PermanentError where there is no such shop."""
    merchant = read_merchants(database, [rehearsal["merchant"]]).get(rehearsal["merchant"])
    if merchant is None:
        raise PermanentError(f"Rehearsal {rehearsal['_id']}: its shop does not exist any more.")
    rule = read_rule(rehearsal["rule"]) if rehearsal["rule"] else None
    if rule is not None and rule.action is Action.DROP:
        return _dropping(dropped_messages(database, rehearsal), merchant)
    return _replaying(spark, database, merchant, replayed_messages(database, rehearsal, rule, most))


def _dropping(count: int, merchant: Merchant) -> Result:
    """What is dropped counted nowhere before, so no number changes."""
    messages = _messages(waiting=count, looked_at=count, dropped=count)
    return Result(currency=merchant.currency, sequence=None, messages=messages, days=[])


def _replaying(spark: SparkSession, database: Database[Document], merchant: Merchant, replayed: Replayed) -> Result:
    unfit = replayed.looked_at - len(replayed.values)
    messages = _messages(waiting=replayed.waiting, looked_at=replayed.looked_at, unfit=unfit)
    if not replayed.values:
        return Result(currency=merchant.currency, sequence=None, messages=messages, days=[])
    snapshot = current_snapshot(spark)
    if snapshot is None:
        raise PermanentError("The inbox holds messages but the archive is empty: restore it first.")
    values = [(value, 0, place, datetime.now(UTC)) for place, value in enumerate(replayed.values)]
    topic = frame(spark, values, MESSAGES)
    judged = judge(spark, database, topic, IMAGINED_BATCH, _TOPIC_ID, snapshot, foreseen)
    compared = _compared(spark, database, merchant, judged, snapshot)
    _count(messages, compared.outcomes, len(values))
    days = day_differences(compared.before, compared.after, merchant)
    return Result(currency=merchant.currency, sequence=snapshot.sequence, messages=messages, days=days)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Reports of the same hours without and with the imagined rows; `outcomes` are rows (outcome, code, count) of these."""

    before: list[Report]
    after: list[Report]
    outcomes: list[dict[str, Any]]


def _compared(
    spark: SparkSession, database: Database[Document], merchant: Merchant, judged: Judged, snapshot: Snapshot
) -> _Compared:
    changes = changes_of(judged.stored_orders, judged.order_rows, judged.merchants)
    touched = touched_scopes(spark, judged.rows, judged.merchants).scopes | changes.scopes
    hours = sorted(scope for scope in touched if scope.group == DueGroup.HOUR and scope.edition == merchant.edition)
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), "rehearsal", None)
    editions = {merchant.edition: merchant}
    orders = {order.id: order for order in orders_counting_on(database, hours)}

    def reports(rows: DataFrame, orders: dict[str, StoredOrder]) -> list[Report]:
        postings = postings_of(orders, hours, editions)
        return list(reports_of_hours(database, computation, hours, editions, postings, rows))

    archived, imagined = (
        rows_in_scopes(spark, rows, hours, editions).select(*_OF_ROWS).localCheckpoint()
        for rows in (read_at(spark, snapshot), judged.rows)
    )
    without = with_outcomes(archived).select(*COLUMNS).localCheckpoint()
    with_them = with_outcomes(archived.unionByName(imagined)).select(*COLUMNS, "batch").localCheckpoint()
    outcomes = with_them.where(F.col("batch") == IMAGINED_BATCH).groupBy("outcome", "code").count()
    after = orders | {order.id: order for order in changes.changed}
    return _Compared(reports(without, orders), reports(with_them, after), outcomes.toArrow().to_pylist())


def _count(messages: Messages, outcomes: list[dict[str, Any]], sent: int) -> None:
    """What is an arrival that stands in the archive already has no row of its own: it is a copy."""
    counts = dict.fromkeys(Outcome, 0)
    for row in outcomes:
        counts[Outcome(row["outcome"])] += row["count"]
        if row["outcome"] == Outcome.REJECTED:
            messages["rejected"][row["code"]] = row["count"]
    messages["counted"], messages["bots"] = counts[Outcome.ACCEPTED], counts[Outcome.BOT]
    messages["copies"] = sent - counts[Outcome.ACCEPTED] - counts[Outcome.BOT] - counts[Outcome.REJECTED]


def _messages(waiting: int, looked_at: int, unfit: int = 0, dropped: int = 0) -> Messages:
    return Messages(
        waiting=waiting,
        looked_at=looked_at,
        counted=0,
        copies=0,
        bots=0,
        rejected={},
        unfit=unfit,
        dropped=dropped,
    )
