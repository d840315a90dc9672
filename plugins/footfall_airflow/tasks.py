"""The tasks of the DAGs. Each is thin: it opens what it needs, calls one function, and logs one line.

Kafka and MongoDB are those of `contracts.settings`, as for every other program of the platform: one place to change, and
no Airflow connection to keep in step with it. Imports are inside the tasks so that parsing a DAG stays light.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from contracts.completeness import check_contracts
from contracts.names import DagId, Topic
from contracts.settings import settings
from footfall_airflow.assets import REPORTS

if TYPE_CHECKING:
    from pymongo.database import Database

    from footfall_airflow.ledger import Ledger

log = logging.getLogger("footfall.tasks")


@task
def plan_batch(topic: str) -> int:
    """The number of the batch that this run owns for ever; skips the run when there is nothing to do."""
    from footfall_airflow import planning
    from footfall_airflow.inbox_work import other_work
    from footfall_airflow.offsets import Broker
    from footfall_airflow.summaries import summary

    with _reasons(), _opened() as work:
        broker = Broker(settings().kafka_bootstrap)
        asked = other_work(work.database, Topic(topic))
        most = settings().batch_max_messages
        entry = planning.plan_batch(work.ledger, broker, Topic(topic), work.run, most, has_other_work=asked)
        log.info("%s", summary(entry))
    return int(entry["_id"])


@task
def plan_round() -> str:
    """The id of the round of day reports that this run owns for ever; skips the run when no day is due."""
    from footfall_airflow.planning import plan_round

    return _round(plan_round)


@task
def plan_rehearsals() -> str:
    """The id of the round of rehearsals that this run owns for ever; skips the run when nobody waits for one."""
    from footfall_airflow.rehearsing import plan_rehearsals

    return _round(plan_rehearsals)


@task
def plan_changes() -> str:
    """The id of the round of changed settings that this run owns for ever; skips the run while none can go on."""
    from footfall_airflow.changing import plan_changes

    return _round(plan_changes)


@task
def plan_maintenance() -> str:
    """The id of the round of upkeep that this run owns for ever; skips the run while few files wait and the night is done."""
    from footfall_airflow.maintaining import plan_maintenance

    return _round(partial(plan_maintenance, most_files=settings().archive_small_files))


@task
def verify_counts(key: str) -> str:
    """What the round counted agrees, and the round is final; else its sentences, and the next run works on it again."""
    from contracts.maintenance import problems_of

    with _opened() as work:
        upkeep = work.ledger.entry(key).get("upkeep")
        if upkeep is not None and (problems := problems_of(upkeep)):
            raise AirflowFailException(" ".join(problems))
        work.ledger.commit(key, datetime.now(UTC))
        log.info("%s: %s", key, upkeep or "the archive is empty")
    return key


@task
def plan_erasures() -> str:
    """The id of the round of erasures that this run owns for ever; skips the run while none can go on."""
    from footfall_airflow.forgetting import plan_erasures

    return _round(plan_erasures)


@task
def clear_backups(key: int | str) -> int | str:
    """What the archive holds no more goes from generations and dumps, and whoever is gone everywhere gets a receipt."""
    from footfall_airflow.forgetting import clear_backups, finish

    with _opened() as work:
        cleared = clear_backups(work.database, settings(), work.run, datetime.now(UTC))
        done = finish(work.database, settings(), datetime.now(UTC))
        log.info("Cleared the backups of %d erasures; done: %s.", cleared, ", ".join(done) or "none")
    return key


@task
def plan_catch_up() -> str:
    """The id of the round that this run owns for ever; skips the run unless a database was restored."""
    from footfall_airflow.restored import plan_catch_up

    return _round(plan_catch_up)


def _round(plan: "Callable[[Ledger, Database[dict[str, Any]], str], dict[str, Any]]") -> str:
    from footfall_airflow.summaries import summary

    with _reasons(), _opened() as work:
        entry = plan(work.ledger, work.database, work.run)
        log.info("%s", summary(entry))
    return str(entry["_id"])


@task
def commit_batch(key: int | str) -> int | str:
    """What the entry wrote is final and counts; fails while the job has not reported."""
    from footfall_airflow.summaries import summary

    with _opened() as work:
        entry = work.ledger.commit(key, datetime.now(UTC))
        log.info("%s", summary(entry))
    return key


@task(outlets=[REPORTS])
def publish_ready(key: int | str) -> int:
    """Tells the report apps which reports are new; answers the number of messages."""
    from footfall_airflow import announcing
    from footfall_airflow.summaries import summary

    with _opened() as work:
        entry = work.ledger.entry(key)
        messages = announcing.ready_messages(entry)
        announcing.publish_failed(settings(), entry)
        count = announcing.publish(settings().kafka_bootstrap, messages, settings().delivery_timeout_seconds)
        work.ledger.announce(key, datetime.now(UTC))
        log.info("%s", summary(work.ledger.entry(key)))
    return count


@task
def reprocess(batch: int) -> str:
    """Files the batch's errors and repairs what rules can repair, then retries and replays; answers what it did."""
    from footfall_airflow import inbox_work
    from footfall_airflow.offsets import Broker

    with _opened() as work:
        entry, now = work.ledger.entry(batch), datetime.now(UTC)
        ranges = {int(partition): (start, end) for partition, (start, end) in entry["ranges"].items()}
        messages = Broker(settings().kafka_bootstrap).messages(entry["topic"], ranges)
        done = inbox_work.work_off(work.database, settings(), messages, entry["topic_id"], now)
        work.ledger.report(batch, now)
        log.info("%s of %d errors.", done, entry["messages"])
    return done


@task
def halve_batches(batch: int) -> int:
    """Takes on what was set aside: each batch becomes two halves, which process_events works on; answers how many were halved."""
    from footfall_airflow import halving

    with _opened() as work:
        count = halving.halve_all(work.database, work.run, datetime.now(UTC), settings().lease_seconds)
        log.info("Halved %d batches that were set aside.", count)
    return batch


@dataclass(frozen=True, slots=True)
class _Work:
    database: "Database[dict[str, Any]]"
    ledger: "Ledger"
    run: str


@contextmanager
def _opened() -> Iterator[_Work]:
    """The database, the ledger of the running DAG, and the id of the run. While the database is restored it is open to the
    DAG alone that ends the restore: for the others raises NothingToDo.
    """
    from footfall_airflow.database import open_database
    from footfall_airflow.ledger import Ledger
    from footfall_airflow.restored import require_no_restore

    check_contracts()
    context = get_current_context()
    dag = DagId(context["dag"].dag_id)
    with open_database(settings()) as database:
        if dag is not DagId.CATCH_UP_WITH_ARCHIVE:
            require_no_restore(database)
        ledger = Ledger(database, dag, settings().lease_seconds)
        yield _Work(database, ledger, context["run_id"])


@contextmanager
def _reasons() -> Iterator[None]:
    """A run without work ends as skipped, a lost range fails it at once: each with its reason."""
    from footfall_airflow.ledger import NothingToDo
    from footfall_airflow.ranges import LostRange

    try:
        yield
    except NothingToDo as reason:
        raise AirflowSkipException(str(reason)) from reason
    except LostRange as lost:
        raise AirflowFailException(str(lost)) from lost
