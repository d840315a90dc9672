"""The outbox of alerts: what broke and mended is put into it and marked as told in one transaction, so that nothing is lost
and nothing is told twice, wherever a task dies.

A break is told at once. Its end is told when the promise has been kept for a while: one that breaks again before that is
still the same break, and nobody hears of it a second time.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from pymongo.client_session import ClientSession
from pymongo.database import Database

from contracts.alerts import MOST_NAMED, Alert, AlertKind, Road, Sending, SendingState, Told, alert_id
from contracts.names import Collection
from contracts.promises import PromiseState
from footfall_airflow.database import Document


def put_alert(database: Database[Document], roads: Iterable[Road], hold: timedelta, now: datetime) -> Alert | None:
    """The alert about everything that is to be told now; None where that is nothing."""
    wanted = list(roads)

    def work(session: ClientSession) -> Alert | None:
        return _put(database, wanted, now - hold, now, session)

    with database.client.start_session() as session:
        return session.with_transaction(work, write_concern=database.write_concern)


def trial_alert(now: datetime) -> Alert:
    """Of no promise; it stays out of the outbox."""
    return _alert(AlertKind.TEST, alert_id([f"test/{uuid4().hex}"]), [], [], [], now)


def _put(
    database: Database[Document], roads: Sequence[Road], kept_since: datetime, now: datetime, session: ClientSession
) -> Alert | None:
    promises = database[Collection.PROMISES]
    breaks = {"state": PromiseState.BROKEN, "told": {"$exists": False}}
    mends = {"state": PromiseState.MENDED, "told": {"$exists": True}, "mended_at": {"$lte": kept_since}}
    broke = list(promises.find(breaks, session=session).sort("since", 1))
    mended = list(promises.find(mends, session=session).sort("mended_at", 1))
    if not broke and not mended:
        return None
    said = [f"broke/{one['_id']}/{one['since']}" for one in broke]
    said += [f"mended/{one['_id']}/{one['mended_at']}" for one in mended]
    alert = _alert(AlertKind.PROMISES, alert_id(said), broke, mended, roads, now)
    database[Collection.ALERTS].insert_one(dict(alert), session=session)
    told = {"told": {"sentence": "$sentence", "since": "$since"}}
    promises.update_many({"_id": {"$in": [one["_id"] for one in broke]}}, [{"$set": told}], session=session)
    promises.update_many({"_id": {"$in": [one["_id"] for one in mended]}}, {"$unset": {"told": 1}}, session=session)
    return alert


def _alert(
    kind: AlertKind,
    id_: str,
    broke: Sequence[Document],
    mended: Sequence[Document],
    roads: Iterable[Road],
    now: datetime,
) -> Alert:
    sending = Sending(state=SendingState.WAITING, attempts=0, next_attempt_at=now, log=[])
    return Alert(
        _id=id_,
        kind=kind,
        at=now,
        broke=_named(broke, _broke),
        mended=_named(mended, _mended),
        broke_count=len(broke),
        mended_count=len(mended),
        checks=sorted({one["check"] for one in (*broke, *mended)}),
        roads={str(road): sending for road in roads},
    )


def _named(promises: Sequence[Document], told: Callable[[Document], Told]) -> list[Told]:
    """The first of them, one of each check before a second of any."""
    seen: dict[str, int] = {}
    ranks = []
    for position, one in enumerate(promises):
        seen[one["check"]] = seen.get(one["check"], 0) + 1
        ranks.append((seen[one["check"]], position))
    return [told(promises[position]) for _, position in sorted(ranks)[:MOST_NAMED]]


def _broke(one: Document) -> Told:
    return _told(one, one["sentence"], one["since"], None)


def _mended(one: Document) -> Told:
    """In the words of the break, whatever was seen of the promise since."""
    return _told(one, one["told"]["sentence"], one["told"]["since"], one["mended_at"])


def _told(one: Document, sentence: str, since: datetime, until: datetime | None) -> Told:
    return Told(check=one["check"], subject=one["subject"], sentence=sentence, since=since, until=until)
