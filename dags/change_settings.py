"""
## What

Changes the time zone or the currency of a shop's reports. `plan_changes` opens a *round* in the ledger; `build_reports`
computes every hour and day that the archive holds under the new settings, beside the reports that readers see, while
`process_events` keeps both up to date; when all of them read whole, one write switches the shop's readers. `commit_batch`
lets go of what the round held, `publish_ready` tells open report pages. Reports of former settings are removed a day later.

## When

Some seconds after a person ordered a change, as soon as the batches of that time have ended: the asset `settings_changes`
watches the shops and the ledger. A run that finds nothing that can go on ends as skipped.

## Safe to re-run?

Yes, at any time, the whole run or any task. What is built already is not built again, and nothing is shown before all of
it is there. Readers see the former reports until then, and lose nothing if the change never ends.

## If it fails

Tasks are retried for about half a minute; then the run fails, and a later one takes the same round over after a pause. A
change that failed three times is given up: the shop's page of settings says so, a line in the log of `build_reports` that
starts with `alert:` names the shop, and the next one goes on. A person may cancel it or order it anew.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.assets import SETTINGS_CHANGES
from footfall_airflow.dag_defaults import DAG_DEFAULTS
from footfall_airflow.spark import build_next_reports
from footfall_airflow.tasks import commit_batch, plan_changes, publish_ready


@dag(schedule=[SETTINGS_CHANGES], max_active_runs=1, doc_md=__doc__, tags=[Tag.REPORTS.value], **DAG_DEFAULTS)
def change_settings():
    changes = plan_changes()
    build_next_reports(changes) >> commit_batch(changes) >> publish_ready(changes)


change_settings()
