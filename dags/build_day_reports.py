"""
## What

Computes the reports that need a whole day: products, and whatever else is of a day. `plan_round` opens a *round* in the
ledger, `build_day_reports` computes the days that are due, `publish_ready` tells open report pages. The run's note says
what it did.

## When

When committed batches have made days due, at a pace that leaves the machine to the hours: the asset `due_days` wakes the
next round when the last one ended at least nine of its own durations ago. A run that finds no day due ends as skipped.

## Safe to re-run?

Yes, at any time, the whole run or any task. A report is computed from the archive alone, and never replaces a newer one.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later one takes the same round over after a pause. The
days stay due until they were computed, and the hours go on meanwhile. If rounds go on failing, the last lines of the log of
`build_day_reports` name the cause.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow import spark
from footfall_airflow.assets import DUE_DAYS
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.tasks import plan_round, publish_ready


@dag(schedule=[DUE_DAYS], max_active_runs=1, doc_md=__doc__, tags=[Tag.REPORTS.value], **DAG_DEFAULTS)
def build_day_reports():
    day_round = plan_round()
    spark.build_day_reports(day_round) >> publish_ready(day_round)


build_day_reports()
