"""The tasks with what Airflow tells them: the DAG and the run."""

from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context
from confluent_kafka import TopicPartition

from contracts.names import DagId, Topic
from contracts.restores import RESTORE, RestoreState
from contracts.settings import Settings
from footfall_airflow import tasks
from footfall_airflow.ledger import NothingToDo


@pytest.fixture
def settings(own_kafka, prepared):
    """On a broker of this module's own: the topic is made anew for each test."""
    return Settings(kafka_bootstrap=own_kafka, mongo_uri=prepared[0], database=prepared[1].name)


@pytest.fixture
def topic(make_topic, admin):
    yield make_topic(Topic.ERRORS.value)
    admin.delete_topics([Topic.ERRORS.value])[Topic.ERRORS.value].result(20)


@pytest.fixture
def run_task(environment, topic):
    """Runs a task of reprocess_errors as a task of the run."""

    def do(task, *arguments, run="run-1"):
        context = {"dag": SimpleNamespace(dag_id=str(DagId.REPROCESS_ERRORS)), "run_id": run}
        with set_current_context(context):
            return task.function(*arguments)

    return do


def test_errors_from_topic_to_inbox(run_task, send, database):
    send(b"strange", b"bytes")
    batch = run_task(tasks.plan_batch, Topic.ERRORS)
    assert run_task(tasks.reprocess, batch).startswith("filed 2, park 2")
    assert run_task(tasks.commit_batch, batch) == batch
    assert database.batches.find_one({"_id": batch})["state"] == "committed"
    assert database.failed_events.count_documents({}) == 2


def test_cleared_it_is_the_same_batch_and_writes_nothing_again(run_task, send, database):
    send(b"strange")
    batch = run_task(tasks.plan_batch, Topic.ERRORS)
    run_task(tasks.reprocess, batch)
    run_task(tasks.commit_batch, batch)
    send(b"later")
    assert run_task(tasks.plan_batch, Topic.ERRORS) == batch
    assert run_task(tasks.reprocess, batch).startswith("filed 0,")
    run_task(tasks.commit_batch, batch)
    assert database.failed_events.count_documents({}) == 1


def test_without_work_the_run_is_skipped_with_its_reason(run_task):
    with pytest.raises(AirflowSkipException, match="holds nothing beyond batch 0"):
        run_task(tasks.plan_batch, Topic.ERRORS)


def test_while_the_database_is_restored_nothing_is_planned_and_nothing_goes_on(run_task, send, database):
    send(b"strange")
    batch = run_task(tasks.plan_batch, Topic.ERRORS)
    database.backups.insert_one({"_id": RESTORE, "state": RestoreState.RESTORED})
    with pytest.raises(AirflowSkipException, match="is being restored"):
        run_task(tasks.plan_batch, Topic.ERRORS)
    with pytest.raises(NothingToDo, match="is being restored"):
        run_task(tasks.reprocess, batch)
    assert database.failed_events.count_documents({}) == 0
    database.backups.delete_many({})
    assert run_task(tasks.reprocess, batch).startswith("filed 1")


def test_while_another_run_is_at_it_the_run_is_skipped(run_task, send):
    send(b"strange")
    run_task(tasks.plan_batch, Topic.ERRORS)
    with pytest.raises(AirflowSkipException, match="in flight in another run"):
        run_task(tasks.plan_batch, Topic.ERRORS, run="run-2")


def test_lost_messages_fail_the_run_without_retries(run_task, send, admin):
    send(b"a")
    batch = run_task(tasks.plan_batch, Topic.ERRORS)
    run_task(tasks.reprocess, batch)
    run_task(tasks.commit_batch, batch)
    send(b"b", b"c")
    for done in admin.delete_records([TopicPartition(Topic.ERRORS, 0, 3)]).values():
        done.result(20)
    with pytest.raises(AirflowFailException, match="the messages 1 to 2 were never read"):
        run_task(tasks.plan_batch, Topic.ERRORS, run="run-2")
