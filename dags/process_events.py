"""
## What

Turns new events into reports. `plan_batch` fixes which messages of the topic this run owns, as one *batch* in the
ledger; `build_hour_reports` takes along what came while it started, archives exactly those messages and computes every
hour that they touch; `commit_batch` makes the batch final; `publish_ready` tells open report pages. One run is one batch,
or a half of one that was set aside; the run's note says what it did.

## When

A few seconds after events arrive: the asset `backlog_of_events` watches the topic and the ledger, and wakes the next run
as long as there are unread messages, an unfinished batch that no run is working on, or hours that are due and that nobody
computes: these may be a batch of no messages. Nothing runs while there is nothing to do.
A run that finds nothing to do ends as skipped, with the reason in the log of `plan_batch`.

## Safe to re-run?

Yes, at any time, the whole run or any task. A run keeps its batch for ever. Clearing a finished run computes that batch's
reports again from the archive: no event is counted twice, and no older number replaces a newer one.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later run takes the same batch over after a pause that
grows to five minutes. No hand is needed while Kafka, MongoDB, the disk or the machine is away: the job's exit status 75 says so.
A job that cannot start counts against no batch. A batch at whose messages it fails three times is *set aside* by its next
attempt: what it wrote is taken back, its messages are copied byte for byte to the collection `set_aside`, and the next
batch goes on. `reprocess_errors` halves it, and runs of this DAG work on the halves, taking turns with fresh events, until
the message that no job can bear stands alone in the error inbox with the code `batch_failed`. The log of
`build_hour_reports` of the failed attempts names the cause in its last lines.
`plan_batch` failing means that the topic lost messages that were never read, or was made anew: the message names the offsets and
the command that accepts the loss, and nothing of the topic goes on until it is given or the data is restored.
"""

from airflow.sdk import dag

from contracts.names import Tag, Topic
from footfall_airflow.assets import BACKLOG_OF_EVENTS
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import build_hour_reports
from footfall_airflow.tasks import commit_batch, plan_batch, publish_ready


@dag(schedule=[BACKLOG_OF_EVENTS], max_active_runs=1, doc_md=__doc__, tags=[Tag.REPORTS.value], **DAG_DEFAULTS)
def process_events():
    batch = plan_batch(Topic.EVENTS.value)
    build_hour_reports(batch) >> commit_batch(batch) >> publish_ready(batch)


process_events()
