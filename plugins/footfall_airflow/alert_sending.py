"""Empties the outbox of alerts: takes what is due, sends it, and writes down what came of it.

Who takes a sending counts its attempt and sets it aside for a while first. One that dies in between leaves it due again: it
is sent at least once, with the same id.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import cast

from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database

from contracts.alerts import GIVEN_UP_AFTER, LEASE, Alert, Attempt, Road, SendingState
from contracts.names import Collection
from contracts.webhooks import MOST_ATTEMPTS, MOST_LOGGED, delay_after
from footfall_airflow.alert_roads import Send
from footfall_airflow.database import Document
from outgoing.mail import NotMailed
from outgoing.posting import NotPosted

log = logging.getLogger("footfall.alerts")


def send_due(database: Database[Document], roads: Mapping[Road, Send], now: Callable[[], datetime]) -> None:
    """A road that fails is not asked twice in a row, and does not hold up the other."""
    for road, send in roads.items():
        _send_road(database, road, send, now)


def _send_road(database: Database[Document], road: Road, send: Send, now: Callable[[], datetime]) -> None:
    while alert := _take(database, road, now()):
        attempt = try_once(send, alert, now)
        _finish(database, road, alert, attempt, now())
        log.info(
            "alert=%s road=%s attempt=%d milliseconds=%d %s",
            alert["_id"], road, alert["roads"][road]["attempts"], attempt["milliseconds"], attempt["why"] or "sent",
        )  # fmt: skip
        if not attempt["is_sent"]:
            return


def unsent(database: Database[Document], roads: Iterable[Road], now: datetime) -> list[str]:
    """One sentence for each alert that a road did not take and that is tried again."""
    return [
        f"Alert {alert['_id']} was not sent by {road} yet: {alert['roads'][road]['log'][-1]['why']}"
        for road in roads
        for alert in database[Collection.ALERTS].find(
            {f"roads.{road}.state": SendingState.WAITING, f"roads.{road}.log": {"$ne": []}, **_recent(now)}
        )
    ]


def _recent(now: datetime) -> Document:
    return {"at": {"$gt": now - GIVEN_UP_AFTER}}


def try_once(send: Send, alert: Alert, now: Callable[[], datetime]) -> Attempt:
    at, began = now(), time.monotonic()
    try:
        is_sent, why = True, send(alert, at)
    except (NotMailed, NotPosted) as error:
        is_sent, why = False, str(error)
    return Attempt(at=at, is_sent=is_sent, why=why, milliseconds=round(1_000 * (time.monotonic() - began)))


def _take(database: Database[Document], road: Road, now: datetime) -> Alert | None:
    due = {
        f"roads.{road}.state": SendingState.WAITING,
        f"roads.{road}.next_attempt_at": {"$lte": now},
        **_recent(now),
    }
    change = {"$inc": {f"roads.{road}.attempts": 1}, "$set": {f"roads.{road}.next_attempt_at": now + LEASE}}
    taken = database[Collection.ALERTS].find_one_and_update(
        due, change, sort=[("at", ASCENDING)], return_document=ReturnDocument.AFTER
    )
    return cast(Alert, taken) if taken else None


def _finish(database: Database[Document], road: Road, alert: Alert, attempt: Attempt, now: datetime) -> None:
    """Where the lease has run out it is another's attempt, and what came of this one is that one's affair."""
    attempts, state = alert["roads"][road]["attempts"], SendingState.SENT
    if not attempt["is_sent"]:
        state = SendingState.WAITING if attempts < MOST_ATTEMPTS else SendingState.FAILED
    mine = {"_id": alert["_id"], f"roads.{road}.attempts": attempts, f"roads.{road}.state": SendingState.WAITING}
    change = {f"roads.{road}.state": state, f"roads.{road}.next_attempt_at": now + delay_after(attempts)}
    entry = {f"roads.{road}.log": {"$each": [attempt], "$slice": -MOST_LOGGED}}
    database[Collection.ALERTS].update_one(mine, {"$set": change, "$push": entry})
