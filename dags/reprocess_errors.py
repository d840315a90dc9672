"""
## What

Files rejected messages in the error inbox. `plan_batch` fixes which messages of the errors topic this run owns,
`file_errors` writes each one to `failed_events` with its original bytes, its code, the field and the place it came from,
`halve_batches` cuts each batch of `process_events` that was set aside into two halves, which that DAG works on as batches of
their own, and `commit_batch` makes the batch final.

## When

A few seconds after a message was rejected: the asset `backlog_of_errors` watches the errors topic and the ledger. A run that
finds nothing to do ends as skipped, with the reason in the log of `plan_batch`.

## Safe to re-run?

Yes, at any time, the whole run or any task. An error has one document, written once; filing it again leaves it as it is. A
batch has two halves, however often it is halved.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later run takes the same batch over after a pause.
Reports do not wait for it. `plan_batch` failing means that the topic lost messages that were never read, or was made anew: the
message names the offsets and the remedy. A copy in `set_aside` that is damaged is named in the log of `halve_batches` and left:
restore the collection; until then pages say that a part of the batch could not be computed.
"""

from airflow.sdk import dag

from contracts.names import Tag, Topic
from footfall_airflow.assets import BACKLOG_OF_ERRORS
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.tasks import commit_batch, file_errors, halve_batches, plan_batch


@dag(schedule=[BACKLOG_OF_ERRORS], max_active_runs=1, doc_md=__doc__, tags=[Tag.ERRORS.value], **DAG_DEFAULTS)
def reprocess_errors():
    batch = plan_batch(Topic.ERRORS.value)
    file_errors(batch) >> halve_batches(batch) >> commit_batch(batch)


reprocess_errors()
