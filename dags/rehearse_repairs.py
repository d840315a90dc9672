"""
## What

Answers what a rule of the error inbox would change, without changing it. `plan_rehearsals` opens a *round* in the ledger;
`rehearse` takes the newest messages of each cause that somebody asked about (5,000 at the most), applies the rule, judges
them as `process_events` would, and computes the hours that they touch with and without them, at one state of the archive.
The differences by day stand in the collection `rehearsals`, and on the page of whoever asked. Nothing is written to the
archive, the orders, the assigned times or the reports.

## When

A second or two after a person asked on an inbox page: the asset `rehearsals` watches the collection and the ledger. A run
that finds nobody waiting ends as skipped.

## Safe to re-run?

Yes, at any time, the whole run or any task. A rehearsal changes no number; one that was left half-way is computed again.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later one takes the same round over after a pause. A
rehearsal that failed three times is given up: its page says so, a line in the log of `rehearse` that starts with `alert:`
names it, and the next one goes on. The log lines of its attempts name the cause. Nothing else waits for a rehearsal.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.assets import REHEARSALS
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import rehearse
from footfall_airflow.tasks import plan_rehearsals


@dag(schedule=[REHEARSALS], max_active_runs=1, doc_md=__doc__, tags=[Tag.ERRORS.value], **DAG_DEFAULTS)
def rehearse_repairs():
    rehearse(plan_rehearsals())


rehearse_repairs()
