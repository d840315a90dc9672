"""
## What

Forgets people: those of whom a shop said so on its page or by the API. `plan_erasures` opens a *round* in the ledger; `forget`
finds which ids belong together, writes the export if one was asked for, and erases rows, orders, errors, decided times and
copies that were set aside; hours are computed anew at once, days in their own round. `clear_backups` takes them out of every
generation and every dump, and signs the receipt once nothing is left. `commit_batch` and `publish_ready` end the round as any other.

## When

Some seconds after an erasure was confirmed, as soon as the batches of that time have ended: the asset `erasures` watches for it.
An erasure needs three rounds: to find, to erase, and, at least an hour later, to clear what is older. A run that finds nothing
that can go on ends as skipped. While the archive's upkeep is at work, erasures wait, and the other way round.

## Safe to re-run?

Yes, at any time, the whole run or any task. What is gone is not found again. Once the person is found, nothing of
them is taken any more, whatever is sent late, replayed or restored.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later one takes the same round over after a pause. One that
is not through within `FOOTFALL_PROMISE_ERASURE_HOURS` breaks a promise of `watch_promises`. "Secret … lacks" means that
`FOOTFALL_ERASURE_SECRETS` does not hold the secret under which people were forgotten: put it back, or they cannot be kept out.
`clear_backups` waits for a night, or a rehearsal of a restore, that is at work, without failing.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.assets import ERASURES
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import forget
from footfall_airflow.tasks import clear_backups, commit_batch, plan_erasures, publish_ready


@dag(schedule=[ERASURES], max_active_runs=1, doc_md=__doc__, tags=[Tag.PEOPLE.value], **DAG_DEFAULTS)
def forget_people():
    erasures = plan_erasures()
    forget(erasures) >> clear_backups(erasures) >> commit_batch(erasures) >> publish_ready(erasures)


forget_people()
