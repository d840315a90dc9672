"""
## What

Copies the main database to the backup database and proves the copy. `snapshot` begins a *generation* and fixes the instant
that it shows; `copy` copies what changed since the generation before; `verify` reads the changed buckets and a seventh of the
others on both servers and holds them against each other: only then the generation is whole, and counts. `rotate` keeps the
newest of 7 days, 4 weeks and 12 months. `dump` writes the generation as files that `mongorestore` reads, once a week.
`rehearse_restore` restores some shops into a scratch database and reads every report of theirs with the report app's code.

## When

At 02:00 UTC. What only people made is copied every five minutes by `back_up_decisions`.

## Safe to re-run?

Yes, at any hour, the whole run or any task. Clearing the whole run makes a new generation; clearing `copy` or `verify` goes on
with the run's own. A run that is killed leaves a generation that nobody reads, and the next one clears it away.

## If it fails

`copy`: the log names the server that does not answer; tasks are retried for about half a minute. "No longer has the instant"
means that the night took longer than `FOOTFALL_SNAPSHOT_WINDOW_SECONDS`: raise it, restart the database, clear the run.
`verify` failing names every bucket that is not what the main database has: clear the whole run, and the new generation writes
these buckets anew; where it comes back, look at the backup server's disk. "Fewer than the one before" means that much was
deleted: look whether that is right, then `footfall backup accept`, and clear `verify`. `rehearse_restore` names the reports that could not be
read: see whether the shop's pages show them; if they do, clear the whole run. Until a run succeeds, the last whole generation
stays as it is: `footfall backup list` shows it.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.backup_tasks import copy, dump, rehearse_restore, rotate, snapshot, verify
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock


@dag(schedule=by_the_clock("0 2 * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.BACKUPS.value], **DAG_DEFAULTS)
def back_up_databases():
    kept = rotate(verify(copy(snapshot())))
    dump(kept)
    rehearse_restore(kept)


back_up_databases()
