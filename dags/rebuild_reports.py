"""
## What

Computes reports again that a page found missing or damaged, or that a person asked for. `plan_batch` fixes which requests
this run owns; `rebuild` computes the hours and days that they name from the archive, as it stands now; `commit_batch` makes
the batch final; `publish_ready` tells open report pages. Sales come from the collection `orders`, which is trusted here. The
requests' tickets move along: requested, running, ready; failed after three attempts that did not bring the report.

## When

A few seconds after a report was requested: the asset `backlog_of_requests` watches the requests topic and the ledger. Pages
request a damaged report once, however many people look at it. A run that finds nothing to do ends as skipped, with the reason
in the log of `plan_batch`.

## Safe to re-run?

Yes, at any time, the whole run or any task. A report is a function of the archive and the orders, and never replaces a newer
one. Clearing a finished run computes the same days once more; it needs no message of the topic for that.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later run takes the same batch over after a pause.
Requests that are none, or name what does not exist, are skipped with a line in the log of `rebuild`. A line there that starts
with `alert:` names a report that could not be rebuilt: its page says so, and asks again after a day, or when a person does.
`plan_batch` failing means that the topic lost messages that were never read, or was made anew: the message names the offsets
and the remedy; what was lost are requests, and pages repeat them.
"""

from airflow.sdk import dag

from contracts.names import Tag, Topic
from footfall_airflow.assets import BACKLOG_OF_REQUESTS
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import rebuild
from footfall_airflow.tasks import commit_batch, plan_batch, publish_ready


@dag(schedule=[BACKLOG_OF_REQUESTS], max_active_runs=1, doc_md=__doc__, tags=[Tag.REPORTS.value], **DAG_DEFAULTS)
def rebuild_reports():
    batch = plan_batch(Topic.REPORT_REQUESTS.value)
    rebuild(batch) >> commit_batch(batch) >> publish_ready(batch)


rebuild_reports()
