"""
## What

Brings a database that was restored from a backup back into step with the archive, which is newer. `plan_catch_up` opens a
*round* in the ledger; `catch_up` makes again, from the archive's rows, the batches that the ledger lacks, with their orders,
decided times and rejected messages, raises the number of the next batch beyond all that were ever given, and computes the hours
that those batches touched. Days follow in `build_day_reports`. `commit_batch` and `publish_ready` end the round as any other.

## When

At once after `footfall restore --in-place`: the asset `restored_database` watches for it. Until the round's job is done no other
DAG plans anything, and no job begins. A run that finds nothing restored ends as skipped.

## Safe to re-run?

Yes, at any time, the whole run or any task. An order is the union of its events, so one that is merged again stays the same;
all entries of the ledger are written in one transaction, and what was computed already is not newer.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later one takes the same round over after a pause. Until
one succeeds all other work waits, and nothing is lost: messages stay in Kafka. The log of `catch_up` names the cause in its
last lines; what is read is the archive, so look there first.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.assets import RESTORED_DATABASE
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import catch_up
from footfall_airflow.tasks import commit_batch, plan_catch_up, publish_ready


@dag(schedule=[RESTORED_DATABASE], max_active_runs=1, doc_md=__doc__, tags=[Tag.BACKUPS.value], **DAG_DEFAULTS)
def catch_up_with_archive():
    restored = plan_catch_up()
    catch_up(restored) >> commit_batch(restored) >> publish_ready(restored)


catch_up_with_archive()
