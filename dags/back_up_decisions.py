"""
## What

Copies what only people made (shops, users, repair rules, the record of decisions, webhooks, exchange rates, ended sessions)
to the backup database: all the rest could be computed again from the archive. `copy_decisions` asks the main database's log
whether anything changed since the last look; where it did, it makes a *generation* of these collections, proven like those
of `back_up_databases`. Kept are the newest of each of the last 24 hours and 7 days.

## When

Every five minutes. A look that finds nothing new costs one write and one read of the log.

## Safe to re-run?

Yes, at any time. A run that is killed leaves a generation that nobody reads, and the next one clears it away.

## If it fails

The log names the server that does not answer, or the bucket that is not what the main database has; the next run writes that
one anew. "Fewer than the one before" means that much was deleted: look whether that is right, then
`footfall backup accept --line decisions`. Until then the last whole generation stays as it is.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.backup_tasks import copy_decisions
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock


@dag(schedule=by_the_clock("*/5 * * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.BACKUPS.value], **DAG_DEFAULTS)
def back_up_decisions():
    copy_decisions()


back_up_decisions()
