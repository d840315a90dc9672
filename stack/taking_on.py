"""Restored documents that cannot stay as they are: work that was under way, and decisions that are newer than the reports.

All of this happens beside the collections that are there, before any of them is replaced; done again, it changes nothing more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import bson
from pymongo import ReplaceOne
from pymongo.database import Database

from backups.reading import documents_of
from backups.restoring import Source
from contracts.backups import RESTORING
from contracts.editions import FIRST
from contracts.erasures import CARRIED_OUT, ONCE_MORE
from contracts.ledger import FINAL
from contracts.names import Collection
from contracts.restores import ATTEMPTS_BEYOND
from contracts.shop_settings import new_order

Document = dict[str, Any]
WHO = "restore"


def take_on(target: Database[Document], nightly: Source, now: datetime) -> None:
    """`nightly` has the reports, and the settings that they were made with. `now` is when the restore began."""
    _end_work(target)
    if Collection.MERCHANTS in nightly.collections:
        _switch_again(target, nightly, now)
    _forget_again(target)
    _replay_again(target, nightly.store.generation(nightly.generation)["taken_at"])


def _end_work(target: Database[Document]) -> None:
    """Nobody holds an entry, and no attempt of before the loss holds one that goes on."""
    entries = target[RESTORING + Collection.BATCHES]
    entries.update_many({"lease": {"$ne": None}}, {"$set": {"lease": None}})
    unfinished = {"state": {"$nin": list(FINAL)}, "attempt": {"$lt": ATTEMPTS_BEYOND}}
    entries.update_many(unfinished, {"$inc": {"attempt": ATTEMPTS_BEYOND}, "$set": {"not_before": None}})


def _switch_again(target: Database[Document], nightly: Source, now: datetime) -> None:
    """A shop whose settings were changed since the night goes on with those of its reports, and is changed once more."""
    merchants = target[RESTORING + Collection.MERCHANTS]
    found = documents_of(nightly.store, nightly.generation, Collection.MERCHANTS)
    night = {one["_id"]: one for one in map(_decoded, found)}
    switched = [
        _with_settings_of(night[one["_id"]], one, now)
        for one in merchants.find()
        if one["_id"] in night and _version(one) > _version(night[one["_id"]])
    ]
    if switched:
        merchants.bulk_write([ReplaceOne({"_id": one["_id"]}, one) for one in switched])


def _with_settings_of(night: Document, shop: Document, now: datetime) -> Document:
    """An order that stands already is what is wanted in the end, else the settings that readers had."""
    wanted = shop.get("next") or {**shop, "settings_version": _version(shop)}
    who = wanted.get("ordered_by", WHO)
    ordered = new_order(wanted["settings_version"], wanted["time_zone"], wanted["currency"], who, now)
    former = [one for one in shop.get("former", []) if one["settings_version"] != _version(night)]
    kept = {name: night[name] for name in ("time_zone", "currency")}
    return {**shop, **kept, "settings_version": _version(night), "former": former, "next": ordered}


def _version(shop: Mapping[str, Any]) -> int:
    return int(shop.get("settings_version", FIRST))


def _decoded(document: Any) -> Document:
    return bson.decode(document.raw, bson.CodecOptions(tz_aware=True))


def _forget_again(target: Database[Document]) -> None:
    """Backups hold nobody who was forgotten; what they hold of places and counts is brought into step by doing it once more."""
    erasures = target[RESTORING + Collection.ERASURES]
    erasures.update_many(dict(CARRIED_OUT), dict(ONCE_MORE))
    erasures.update_many({}, {"$set": {"after": None, "not_before": None}})


def _replay_again(target: Database[Document], since: datetime) -> None:
    """What people had sent again or dropped since the night, the restored inbox does not know: it is carried out once more."""
    done = {"replay.state": "done", "replay.done_at": {"$gt": since}}
    rules = target[RESTORING + Collection.REPAIR_RULES]
    rules.update_many(done, {"$set": {"replay.state": "asked"}})
