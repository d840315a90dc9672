"""
## What

Keeps the archive small. `plan_maintenance` opens a *round* in the ledger; `compact` writes the small files of committed
batches again as one an hour, sorted by shop and time, and lets go of snapshots that nobody reads. Its long part, once a night,
also deletes rows beyond their shops' retention, gathers manifests, removes files that belong to no snapshot, and at last copies
the archive to the second place (`FOOTFALL_ARCHIVE_COPY`). `verify_counts` compares what was counted before and after, and what
the ledger says of each batch. The entry of the round in the ledger says what it did.

## When

Every hour, if more than `FOOTFALL_ARCHIVE_SMALL_FILES` files wait; the long part at 03:00 UTC, or in the first run after it.
A run that finds nothing to do ends as skipped, with the reason in the log of `plan_maintenance`, and starts no Spark.

## Safe to re-run?

Yes, at any time, the whole run or any task, beside batches, reports and rebuilds. Jobs read on from the snapshot that they
began with. A batch that is not committed is left alone, and a commit that meets another one changes nothing and is tried again.

## If it fails

Tasks are retried for about half a minute; then the run fails, and the next hour's run takes the same round over. Reports do
not wait for it: hours with many files are read more slowly, that is all. `compact` failing with "nothing was changed" means
that a file did not read back as it was: look at the disk. "Still holds them as they were" means that rows were lost or doubled: the
message says what to do, and the round waits until it is done. "Fewer rows than its copy" means that much of the archive is gone
and that the copy was left as it is: see `footfall archive restore`. `verify_counts` names each batch of which the archive holds
another number of rows than its job noted; such a batch is left as it is, and everything else is maintained. Look at it with
`footfall ledger show`; rows that are gone come back with `footfall archive restore`.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock
from footfall_airflow.spark import maintain
from footfall_airflow.tasks import plan_maintenance, verify_counts


@dag(schedule=by_the_clock("0 * * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.ARCHIVE.value], **DAG_DEFAULTS)
def maintain_archive():
    round_ = plan_maintenance()
    maintain(round_) >> verify_counts(round_)


maintain_archive()
