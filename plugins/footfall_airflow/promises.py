"""Broken promises: kept from when they break until they mend, so that each is said once and mended once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pymongo import DeleteOne, UpdateOne
from pymongo.database import Database

from contracts.names import Collection
from contracts.promises import CHECKS, MOST_PAST_BREAKS, CheckName, Looked, Measure, PromiseState
from footfall_airflow.database import Document


@dataclass(frozen=True, slots=True)
class Look:
    """How a promise looks now: `state` None is kept, broken and awaited carry their sentence; and what was measured, if any."""

    state: PromiseState | None = None
    sentence: str = ""
    measure: Measure | None = None


def measured(check: CheckName, of: str, value: float, limit: float, sentence: str) -> Look:
    """Broken where the value passes its limit."""
    measure = Measure(of=of, value=value, limit=limit)
    if CHECKS[check].is_broken(value, limit):
        return Look(PromiseState.BROKEN, sentence, measure)
    return Look(measure=measure)


@dataclass(slots=True)
class Verdict:
    """Sentences: of what broke now and what mended now, to be said; and of all that is broken, `count` of them."""

    broke: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    count: int = 0


MOST_SENTENCES = 20
MOST_MEASURES = 20


def judge(database: Database[Document], check: CheckName, looks: Mapping[str, Look], now: datetime) -> Verdict:
    """Keeps what the looks (by subject) say of a check's promises; those that were not looked at stay as they are."""
    promises, verdict = database[Collection.PROMISES], Verdict()
    ids = {f"{check}/{subject}": subject for subject in looks}
    before = {one["_id"]: one for one in promises.find({"_id": {"$in": list(ids)}})}
    writes = []
    for id_, subject in ids.items():
        known = before.get(id_)
        write = _change(id_, str(check), subject, looks[subject], known, now)
        _say(verdict, looks[subject], known)
        writes += [write] if write else []
    if writes:
        promises.bulk_write(writes, ordered=False)
    _note_look(database, check, looks, now)
    open_ = {"check": check, "state": PromiseState.BROKEN}
    verdict.count = promises.count_documents(open_)
    verdict.broken = [one["sentence"] for one in promises.find(open_).sort("since", -1).limit(MOST_SENTENCES)]
    return verdict


def broken_subjects(database: Database[Document], check: CheckName) -> list[str]:
    """For checks that have to look again at what they would not look at otherwise."""
    broken = {"check": check, "state": PromiseState.BROKEN}
    return [one["subject"] for one in database[Collection.PROMISES].find(broken, {"subject": 1})]


def _note_look(database: Database[Document], check: CheckName, looks: Mapping[str, Look], now: datetime) -> None:
    """What is broken comes first, where there is more to show than is kept."""
    found = sorted(looks.values(), key=lambda look: look.state != PromiseState.BROKEN)
    measures = [look.measure for look in found if look.measure is not None][:MOST_MEASURES]
    looked = Looked(_id=str(check), at=now, measures=measures)
    database[Collection.LOOKS].replace_one({"_id": str(check)}, dict(looked), upsert=True)


def _say(verdict: Verdict, look: Look, known: Document | None) -> None:
    was_broken = known is not None and known["state"] == PromiseState.BROKEN
    if look.state == PromiseState.BROKEN and not was_broken:
        verdict.broke.append(look.sentence)
    if look.state is None and known is not None and was_broken:
        verdict.mended.append(known["sentence"])


def _change(
    id_: str, check: str, subject: str, look: Look, known: Document | None, now: datetime
) -> UpdateOne | DeleteOne | None:
    """A broken promise in doubt stays broken; a doubt that is over leaves nothing, unless the end of a break is still to be told."""
    state = known["state"] if known else None
    if known is not None and look.state is None:
        return _kept(id_, known, now)
    if look.state is None:
        return None
    if look.state == PromiseState.AWAITED and state == PromiseState.BROKEN:
        return UpdateOne({"_id": id_}, {"$set": {"last": now}})
    content: Document = {
        "check": check,
        "subject": subject,
        "state": look.state,
        "sentence": look.sentence,
        "last": now,
    }
    if state != look.state:
        content |= {"since": now, "mended_at": None}
    return UpdateOne({"_id": id_}, {"$set": content}, upsert=True)


def _kept(id_: str, known: Document, now: datetime) -> UpdateOne | DeleteOne | None:
    mended = {"state": PromiseState.MENDED, "last": now, "mended_at": now}
    if known["state"] == PromiseState.BROKEN:
        past = {"$each": [{"since": known["since"], "until": now}], "$slice": -MOST_PAST_BREAKS}
        return UpdateOne({"_id": id_}, {"$set": mended, "$push": {"past": past}})
    if known["state"] != PromiseState.AWAITED:
        return None
    return UpdateOne({"_id": id_}, {"$set": mended}) if "told" in known else DeleteOne({"_id": id_})
