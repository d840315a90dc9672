"""
## What

Keeps Airflow's own database and logs small. `clean_records` removes what is older than `FOOTFALL_AIRFLOW_KEEP_DAYS` from the
tables of runs, tasks, XComs, events of assets, the audit log and jobs, by Airflow's own `airflow db clean`, 500 rows in a
transaction. The last run of each DAG stays, and so do triggers, DAGs and their versions. `clean_logs` removes the logs of
tasks and of the DAG processor that nobody has written to since. The run's note says in one line what went.

## When

At 04:00 UTC, when the night's copies are made and little else runs. No other DAG waits for it.

## Safe to re-run?

Yes, at any time, the whole run or any task: what is gone is gone, and the next run goes on. Nothing of Footfall hangs on
these records: which run made which batch stands in the ledger for ever. A run that was removed can no longer be cleared; to have its
hours computed again, ask for the days in the settings of the shop.

## If it fails

`clean_records` shows the last lines of `airflow db clean`. "Could not parse SQLAlchemy URL" or a database that is not allowed: the address of the
database is not in `airflow.cfg`, so give it as `FOOTFALL_AIRFLOW_DATABASE_FILE`. A command that was killed may leave a table whose name begins with
`_airflow_deleted__`; `airflow db drop-archived` removes it. `clean_logs` names the file that it may not remove. Nothing waits for either; the disk fills slowly.
"""

from airflow.sdk import dag

from contracts.names import Tag
from footfall_airflow.clean_up_tasks import clean_logs, clean_records
from footfall_airflow.dag_defaults import DAG_DEFAULTS, by_the_clock


@dag(schedule=by_the_clock("0 4 * * *"), max_active_runs=1, doc_md=__doc__, tags=[Tag.AIRFLOW.value], **DAG_DEFAULTS)
def maintain_airflow():
    clean_records()
    clean_logs()


maintain_airflow()
