"""
## What

Looks whether the platform keeps its promises. `check_books` adds up the books of every hour whose reports changed since
the last look: received + returned = accepted + duplicate + bot + rejected, and rejected = waiting + repaired + dropped in
the error inbox. `check_limits` looks at freshness and lag against their limits (`FOOTFALL_PROMISE_FRESHNESS_SECONDS`,
`FOOTFALL_PROMISE_LAG_SECONDS`). `check_rebuilds` names reports that three attempts did not bring back. `check_backups` names backups that are late
(`FOOTFALL_PROMISE_BACKUP_HOURS`, `FOOTFALL_PROMISE_DECISIONS_SECONDS`), damaged, much smaller than the last, or too slow for the
time that the database keeps an instant; what it sees is on the settings page of each shop and in `/health/backups`. What is
broken stands in the collection `promises`, from when it breaks until it mends.

## When

Every five minutes. Messages that were rejected a moment ago and have not reached the inbox yet are waited for.

## Safe to re-run?

Yes, at any time, the whole run or any task: it reads, and writes nothing but `promises`, what it saw of the backups, and where
it stopped looking.

## If it fails

A failed task means a broken promise: its error names each one in a sentence, the merchant and the hour of books that do
not add up, or the topic that lags. The task stays red in every run until it mends; the log says "Broken" once and "Mended"
once. Books that do not add up: clear the run of `process_events` that last computed the hour (its receipt names it); if they
still do not, compare the hour's quality report with `failed_events`. Lag and freshness: see which DAG is paused or failing.
A report that could not be rebuilt: the log of `rebuild_reports` says why; when that is mended, ask for the day again in the
settings of the shop. Backups: the runbook of `back_up_databases`, or of `back_up_decisions`.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock
from footfall_airflow.promise_tasks import check_backups, check_books, check_limits, check_rebuilds


@dag(schedule=by_the_clock("*/5 * * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.PROMISES.value], **DAG_DEFAULTS)
def watch_promises():
    check_books()
    check_limits()
    check_rebuilds()
    check_backups()


watch_promises()
