"""
## What

Looks whether the platform keeps its promises; the checks, their thresholds and what to do are in the table of
`docs/promises.md`. `check_books` adds up the books of every hour whose reports changed since
the last look: received + returned = accepted + duplicate + bot + rejected, and rejected = waiting + repaired + dropped in
the error inbox. `check_limits` looks at freshness and lag against their limits (`FOOTFALL_PROMISE_FRESHNESS_SECONDS`,
`FOOTFALL_PROMISE_LAG_SECONDS`). `check_rejected` looks at the share of rejected messages of the last hour, of the whole
platform and of each shop where it jumps. `check_rebuilds` names reports that three attempts did not bring back. `check_backups` names backups that are late
(`FOOTFALL_PROMISE_BACKUP_HOURS`, `FOOTFALL_PROMISE_DECISIONS_SECONDS`), damaged, much smaller than the last, or too slow for the
time that the database keeps an instant; what it sees is on the settings page of each shop and in `/health/backups`.
`check_disks` looks at the room on the disks. What is broken stands in the collection `promises`, from when it breaks until it mends.
`send_alerts` tells of what broke and what has mended, by e-mail and by webhook where these are set up.

## When

Every five minutes. Messages that were rejected a moment ago and have not reached the inbox yet are waited for. A break is
told at its first look; its end when the promise has been kept for `FOOTFALL_ALERT_HOLD_SECONDS`, and nothing in between.

## Safe to re-run?

Yes, at any time, the whole run or any task: it reads, and writes nothing but `promises`, `looks`, `alerts`, what it saw of
the backups, and where it stopped looking. No alert is told anew; one whose sending was cut short may arrive a second time, with the same id.

## If it fails

A failed task means a broken promise: its error names each one in a sentence, the merchant and the hour of books that do
not add up, or the topic that lags. The task stays red in every run until it mends; the log says "Broken" once and "Mended"
once. Books that do not add up: clear the run of `process_events` that last computed the hour (its receipt names it); if they
still do not, compare the hour's quality report with `failed_events`. Lag and freshness: see which DAG is paused or failing.
A report that could not be rebuilt: the log of `rebuild_reports` says why; when that is mended, ask for the day again in the
settings of the shop. Backups: the runbook of `back_up_databases`, or of `back_up_decisions`.

`send_alerts` failing means that an alert did not go out; its error says by which road and why. It is tried again with the task, and
by later runs, eight times in all within a day. `footfall alerts test` tries both roads at once.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock
from footfall_airflow.promise_tasks import (
    check_backups,
    check_books,
    check_disks,
    check_limits,
    check_rebuilds,
    check_rejected,
    send_alerts,
)


@dag(schedule=by_the_clock("*/5 * * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.PROMISES.value], **DAG_DEFAULTS)
def watch_promises():
    checks = [check_books(), check_limits(), check_rejected(), check_rebuilds(), check_backups(), check_disks()]
    # a teardown comes whatever the checks say, and leaves the run as red as they are
    checks >> send_alerts().as_teardown()


watch_promises()
