"""
## What

Works off rejected messages. `plan_batch` fixes which messages of the errors topic this run owns. `reprocess` files each one in
the error inbox (`failed_events`) with its original bytes, code, field and place, and decides: what a rule can repair is sent down the
main road again as `<envelope_id>/r<attempt>`, with the time it was first received; what failed because its shop did not exist
yet is tried again after a minute, ten minutes and an hour; the rest, and what came back three times, is parked for a person.
Then it carries out the retries that are due and the replays that people asked for on the inbox page. `halve_batches` cuts each
batch of `process_events` that was set aside into two halves, which that DAG works on as batches of their own. `commit_batch`
makes the batch final.

Of one cause the inbox keeps a limited number of messages whole and counts the others in `error_causes`; the bytes of every one
are in the archive, columns `original` and `envelope`.

## When

A few seconds after a message was rejected, when a retry is due, and at once when a replay was asked for: the asset
`backlog_of_errors` watches the errors topic, the inbox and the ledger. A run that finds nothing to do ends as skipped, with the
reason in the log of `plan_batch`.

## Safe to re-run?

Yes, at any time, the whole run or any task. An error has one document. A repaired copy has the same id at every try, so it
counts once, however often it was sent; Kafka has acknowledged it before its document says so. A batch has two halves, however
often it is halved.

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
from footfall_airflow.tasks import commit_batch, halve_batches, plan_batch, reprocess


@dag(schedule=[BACKLOG_OF_ERRORS], max_active_runs=1, doc_md=__doc__, tags=[Tag.ERRORS.value], **DAG_DEFAULTS)
def reprocess_errors():
    batch = plan_batch(Topic.ERRORS.value)
    reprocess(batch) >> halve_batches(batch) >> commit_batch(batch)


reprocess_errors()
