"""All that a run of reprocess_errors has to do: its batch of errors, retries that are due, replays that were asked for."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from confluent_kafka import Message
from pymongo.database import Database

from contracts.names import Topic
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.floods import Room
from footfall_airflow.forgetting import kept_out
from footfall_airflow.planning import has_due_hours
from footfall_airflow.replaying import has_replays, replay
from footfall_airflow.reprocessing import reprocess
from footfall_airflow.retrying import has_due_retries, retry
from footfall_airflow.sending import Sender


def work_off(
    database: Database[Document], settings: Settings, messages: Iterable[Message], topic_id: str, now: datetime
) -> str:
    """Answers in words what was done. Raises Undelivered; run again, it goes on where it was."""
    sender = Sender(settings.kafka_bootstrap, settings.delivery_timeout_seconds)
    room = Room(database, settings.inbox_documents_per_cause)
    done = reprocess(database, sender, messages, topic_id, room, now, partial(kept_out, database, settings))
    retried, replayed = retry(database, sender, now), replay(database, sender, now)
    return f"{done}, retried {retried}, replayed {replayed}"


def other_work(database: Database[Document], topic: Topic) -> Callable[[datetime], bool]:
    """Whether there is something to do although the topic holds nothing new: of events, hours that are due and nobody's."""
    match topic:
        case Topic.EVENTS:
            return lambda now: has_due_hours(database, now)
        case Topic.ERRORS:
            return lambda now: has_due_retries(database, now) or has_replays(database)
    return lambda now: False
