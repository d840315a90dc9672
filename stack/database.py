"""The database's indexes and validators: one function makes them, and start-up calls it.

A validator holds only what every reader leans on; the whole shape of a document is in contracts/.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel, MongoClient
from pymongo.database import Database

from contracts import alerts, promises, rehearsals
from contracts.erasures import ErasureState
from contracts.names import BatchState, Collection, DueGroup
from contracts.reports import Family
from contracts.settings import Settings
from contracts.tickets import FORGOTTEN_AFTER, TicketState
from contracts.webhooks import LOG_KEPT, DeliveryState, WebhookState

Document = dict[str, Any]
ASSIGNED_TIMES_DAYS = 30

INDEXES: Mapping[Collection, Sequence[IndexModel]] = {
    Collection.BATCHES: (
        # two planners cannot plan from the same position
        IndexModel(
            [("topic", 1), ("previous", 1)],
            name="one_batch_after_another",
            unique=True,
            partialFilterExpression={"topic": {"$exists": True}},
        ),
        # a batch that was set aside has two halves and no more
        IndexModel(
            [("parent", 1), ("part", 1)],
            name="halves",
            unique=True,
            partialFilterExpression={"parent": {"$exists": True}},
        ),
        IndexModel([("root", 1)], name="of_copy", sparse=True),
        IndexModel([("topic", 1), ("_id", -1)], name="newest_of_topic"),
        IndexModel([("dag", 1), ("runs", 1)], name="batch_of_run"),
        IndexModel([("dag", 1), ("state", 1)], name="unfinished"),
        IndexModel([("dag", 1), ("planned_at", -1)], name="newest_of_dag"),
        IndexModel([("reported_at", 1)], name="newest_reported"),
        IndexModel([("dag", 1), ("compacted_at", 1)], name="not_compacted"),
        IndexModel([("dag", 1), ("lease.until", 1)], name="in_flight"),
    ),
    Collection.MERCHANTS: (
        IndexModel([("next.state", 1)], name="ordered_settings", sparse=True),
        IndexModel([("former.until", 1)], name="former_settings", sparse=True),
    ),
    Collection.DUE_SCOPES: (
        IndexModel([("group", 1), ("holder", 1), ("due_since", 1)], name="oldest_due"),
        IndexModel([("holder", 1)], name="of_holder"),
    ),
    Collection.REPORTS: (IndexModel([("merchant", 1), ("family", 1), ("day", 1)], name="of_merchant"),),
    Collection.RESTATEMENTS: (IndexModel([("merchant", 1), ("day", -1), ("at", -1)], name="days_of_merchant"),),
    Collection.PROMISES: (
        IndexModel([("check", 1), ("state", 1), ("last", 1)], name="oldest_look"),
        IndexModel([("since", -1)], name="newest"),
        IndexModel(
            [("mended_at", 1)], name="kept_for", expireAfterSeconds=int(promises.FORGOTTEN_AFTER.total_seconds())
        ),
    ),
    Collection.ALERTS: (
        IndexModel([("at", 1)], name="kept_for", expireAfterSeconds=int(alerts.KEPT.total_seconds())),
        *(
            IndexModel(
                [(f"roads.{road}.state", 1), (f"roads.{road}.next_attempt_at", 1)], name=f"due_by_{road}", sparse=True
            )
            for road in alerts.Road
        ),
    ),
    Collection.CALENDAR: (IndexModel([("merchant", 1), ("month", 1)], name="months_of_merchant"),),
    Collection.ORDERS: (
        IndexModel([("scopes", 1)], name="counts_on"),
        IndexModel([("merchant", 1), ("order_id", 1)], name="of_merchant"),
    ),
    Collection.ASSIGNED_TIMES: (
        IndexModel([("merchant", 1), ("client_hour", 1)], name="hour_of_merchant"),
        IndexModel([("created_at", 1)], name="kept_for", expireAfterSeconds=ASSIGNED_TIMES_DAYS * 86_400),
    ),
    Collection.FAILED_EVENTS: (
        IndexModel([("merchant", 1), ("filed_at", -1)], name="inbox_of_merchant"),
        IndexModel([("batch", 1)], name="of_batch"),
        IndexModel([("merchant", 1), ("cause", 1), ("status", 1)], name="causes_of_merchant"),
        IndexModel([("cause", 1), ("status", 1)], name="of_cause"),
        IndexModel([("merchant", 1), ("event_hour", 1), ("status", 1)], name="fates_of_hour"),
        IndexModel(
            [("next_attempt_at", 1)],
            name="due_retries",
            partialFilterExpression={"next_attempt_at": {"$type": "date"}},
        ),
        IndexModel(
            [("merchant", 1), ("attempts.event_hour", 1)],
            name="fates_of_copies",
            partialFilterExpression={"attempts.event_hour": {"$exists": True}},
        ),
    ),
    Collection.ERROR_CAUSES: (IndexModel([("merchant", 1), ("cause", 1)], name="of_merchant"),),
    Collection.REPAIR_RULES: (
        IndexModel([("merchant", 1)], name="of_merchant"),
        IndexModel([("replay.state", 1)], name="replays", partialFilterExpression={"replay.state": {"$exists": True}}),
    ),
    Collection.SESSIONS: (IndexModel([("expires_at", 1)], name="kept_for", expireAfterSeconds=0),),
    Collection.SET_ASIDE: (
        IndexModel([("batch", 1), ("number", 1)], name="chunks", unique=True),
        IndexModel([("expires_at", 1)], name="kept_for", expireAfterSeconds=0),
    ),
    Collection.SIGN_IN_ATTEMPTS: (IndexModel([("expires_at", 1)], expireAfterSeconds=0),),
    Collection.USERS: (IndexModel([("merchants", 1)], name="of_merchant"),),
    Collection.TICKETS: (
        IndexModel([("merchant", 1), ("opened_at", -1)], name="newest_of_merchant"),
        IndexModel([("state", 1), ("changed_at", -1)], name="newest_of_state"),
        IndexModel([("claim", 1)], name="of_claim", sparse=True),
        IndexModel([("changed_at", 1)], name="kept_for", expireAfterSeconds=int(FORGOTTEN_AFTER.total_seconds())),
    ),
    Collection.WEBHOOKS: (IndexModel([("merchant", 1), ("created_at", 1)], name="of_merchant"),),
    Collection.WEBHOOK_DELIVERIES: (
        IndexModel([("webhook", 1), ("created_at", -1)], name="newest_of_webhook"),
        IndexModel([("state", 1), ("next_attempt_at", 1)], name="oldest_due"),
        IndexModel([("created_at", 1)], name="kept_for", expireAfterSeconds=int(LOG_KEPT.total_seconds())),
    ),
    Collection.REHEARSALS: (
        IndexModel([("merchant", 1), ("cause", 1), ("asked_at", -1)], name="newest_of_cause"),
        IndexModel([("state", 1), ("asked_at", 1)], name="first_asked"),
        IndexModel(
            [("changed_at", 1)], name="kept_for", expireAfterSeconds=int(rehearsals.FORGOTTEN_AFTER.total_seconds())
        ),
    ),
    Collection.AUDIT: (IndexModel([("merchant", 1), ("at", -1)], name="newest_of_merchant"),),
    Collection.ERASURES: (
        IndexModel([("merchant", 1), ("ordered_at", -1)], name="newest_of_merchant"),
        IndexModel([("state", 1), ("ordered_at", 1)], name="first_ordered"),
    ),
    Collection.EXPORTS: (
        IndexModel([("erasure", 1), ("number", 1)], name="pieces", unique=True),
        IndexModel([("expires_at", 1)], name="kept_for", expireAfterSeconds=0),
    ),
}


def _shape(required: Mapping[str, Any]) -> Document:
    return {"$jsonSchema": {"bsonType": "object", "required": list(required), "properties": dict(required)}}


_TEXT = {"bsonType": "string", "minLength": 1}
_TIME = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}

VALIDATORS: Mapping[Collection, Document] = {
    Collection.MERCHANTS: _shape(
        {"name": _TEXT, "time_zone": _TEXT, "currency": {"bsonType": "string", "pattern": "^[A-Z]{3}$"}}
    ),
    Collection.USERS: _shape({"merchants": {"bsonType": "array"}, "password_hash": _TEXT}),
    Collection.BATCHES: _shape({"dag": _TEXT, "state": {"enum": [str(state) for state in BatchState]}, "run": _TEXT}),
    Collection.COUNTERS: _shape({"value": _NUMBER}),
    Collection.REPORTS: _shape(
        {"merchant": _TEXT, "family": {"enum": [str(family) for family in Family]}, "day": _TEXT}
    ),
    Collection.RESTATEMENTS: _shape(
        {"merchant": _TEXT, "day": _TEXT, "changed": {"bsonType": "array"}, "why": _TEXT, "at": _TIME}
    ),
    Collection.CALENDAR: _shape({"merchant": _TEXT, "month": {"bsonType": "string", "pattern": r"^\d{4}-\d{2}$"}}),
    Collection.ORDERS: _shape({"merchant": _TEXT, "events": {"bsonType": "array"}, "revision": _NUMBER}),
    Collection.DUE_SCOPES: _shape(
        {
            "merchant": _TEXT,
            "group": {"enum": [str(group) for group in DueGroup]},
            "scope": _TEXT,
            "sequence": _NUMBER,
            "token": _TEXT,
        }
    ),
    Collection.ASSIGNED_TIMES: _shape({"merchant": _TEXT, "message_id": _TEXT, "event_time": _TIME}),
    Collection.FAILED_EVENTS: _shape({"code": _TEXT, "place": {"bsonType": "object"}, "filed_at": _TIME}),
    Collection.TICKETS: _shape(
        {
            "merchant": _TEXT,
            "group": {"enum": [str(group) for group in DueGroup]},
            "day": _TEXT,
            "scopes": {"bsonType": "array"},
            "state": {"enum": [str(state) for state in TicketState]},
            "attempts": _NUMBER,
            "changed_at": _TIME,
        }
    ),
    Collection.REHEARSALS: _shape(
        {
            "merchant": _TEXT,
            "cause": _TEXT,
            "state": {"enum": [str(state) for state in rehearsals.RehearsalState]},
            "asked_at": _TIME,
        }
    ),
    Collection.AUDIT: _shape({"at": _TIME, "who": _TEXT, "merchant": _TEXT, "action": _TEXT}),
    Collection.WEBHOOKS: _shape(
        {
            "merchant": _TEXT,
            "url": {"bsonType": "string", "pattern": "^https://"},
            "state": {"enum": [str(state) for state in WebhookState]},
            "busy_until": _TIME,
            "held_until": _TIME,
        }
    ),
    Collection.WEBHOOK_DELIVERIES: _shape(
        {
            "webhook": _TEXT,
            "merchant": _TEXT,
            "body": _TEXT,
            "state": {"enum": [str(state) for state in DeliveryState]},
            "attempts": _NUMBER,
            "next_attempt_at": _TIME,
            "created_at": _TIME,
        }
    ),
    Collection.PROMISES: _shape(
        {
            "check": {"enum": [str(check) for check in promises.CheckName]},
            "subject": _TEXT,
            "state": {"enum": [str(state) for state in promises.PromiseState]},
            "since": _TIME,
        }
    ),
    Collection.ALERTS: _shape(
        {
            "kind": {"enum": [str(kind) for kind in alerts.AlertKind]},
            "at": _TIME,
            "broke": {"bsonType": "array"},
            "mended": {"bsonType": "array"},
            "roads": {"bsonType": "object"},
        }
    ),
    Collection.LOOKS: _shape({"at": _TIME, "measures": {"bsonType": "array"}}),
    Collection.ERROR_CAUSES: _shape({"cause": _TEXT, "code": _TEXT, "hours": {"bsonType": "array"}}),
    Collection.REPAIR_RULES: _shape({"merchant": _TEXT, "code": _TEXT, "made_by": _TEXT, "made_at": _TIME}),
    Collection.SET_ASIDE: _shape({"batch": _NUMBER, "sha256": _TEXT, "body": {"bsonType": "binData"}}),
    Collection.ERASURES: _shape(
        {
            "merchant": _TEXT,
            "key": _TEXT,
            "state": {"enum": [str(state) for state in ErasureState]},
            "ids": {"bsonType": "array"},
            "is_confirmed": {"bsonType": "bool"},
            "ordered_by": _TEXT,
            "ordered_at": _TIME,
        }
    ),
    Collection.EXPORTS: _shape({"erasure": _TEXT, "number": _NUMBER, "sealed": {"bsonType": "binData"}}),
    Collection.FX_RATES: _shape({"base": _TEXT, "quote": _TEXT, "day": _TEXT, "rate": _TEXT}),
}


def open_database(settings: Settings) -> Database[Document]:
    """The platform's database; times come back with their zone."""
    client: MongoClient[Document] = MongoClient(
        settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=10_000, appname="footfall-stack"
    )
    return client[settings.database]


def prepare_database(database: Database[Document]) -> None:
    """Creates every collection with its validator and indexes; nothing changes where they are there already."""
    existing = set(database.list_collection_names())
    for name in Collection:
        if name not in existing:
            database.create_collection(name)
        validator = VALIDATORS.get(name, {})
        database.command("collMod", name, validator=validator, validationLevel="moderate")
        if name in INDEXES:
            database[name].create_indexes(list(INDEXES[name]))
