"""A person has somebody forgotten: ordered here, carried out by forget_people. What was typed is hashed and goes no further."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo.database import Database

from contracts.erasures import MOST_NAMED, Erasure, ErasureState, Reach, erased_ids, new_erasure
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId, id_key, normal
from contracts.settings import Settings
from report_app.attempts import counted
from report_app.audit import record
from report_app.tickets.ordering import QUOTA_WINDOW, QuotaReached

Document = dict[str, Any]
QUOTA_AN_HOUR = 60
FIELDS: Mapping[str, IdKind] = {
    "anonymous_ids": IdKind.ANONYMOUS,
    "user_ids": IdKind.USER,
    "order_ids": IdKind.ORDER,
}
"""Lists of an order's body, and fields of the page's form."""


class BadErasure(ValueError):
    """It cannot be ordered so; `field` is what is wrong, the message a sentence that repeats no id."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def ids_of(values: Mapping[str, Any]) -> set[PersonId]:
    """The ids that lists of texts name. Raises BadErasure."""
    found = set()
    for field, kind in FIELDS.items():
        texts = values.get(field, [])
        if not isinstance(texts, Sequence) or isinstance(texts, str) or not all(isinstance(one, str) for one in texts):
            raise BadErasure(field, "Send a list of texts.")
        for text in texts:
            if (known := normal(text)) is None:
                raise BadErasure(
                    field, "One of these is no id: empty, too long, or what shops send when they have none."
                )
            found.add(PersonId(kind, known))
    if not found:
        raise BadErasure("anonymous_ids", "Name at least one id: of a browser, a user or an order.")
    if len(found) > MOST_NAMED:
        raise BadErasure("anonymous_ids", f"Name {MOST_NAMED} ids at the most, and the others in another order.")
    return found


def order(
    database: Database[Document],
    settings: Settings,
    merchant: str,
    ids: set[PersonId],
    who: str,
    now: datetime,
    reach: Reach = Reach.LINKED,
    is_confirmed: bool = True,
    with_export: bool = False,
) -> Erasure:
    """Without `is_confirmed` it is looked for, and nothing goes before a person confirms. Raises QuotaReached, SettingsError."""
    key, secret = next(iter(settings.erasure_secrets_by_id().items()))
    if counted(database, f"erasures/{merchant}", now, QUOTA_WINDOW) > QUOTA_AN_HOUR:
        raise QuotaReached("People of this shop were to be forgotten")
    id_ = f"{merchant}/{uuid4().hex[:12]}"
    hashes = erased_ids(id_key(secret, merchant), ids, is_named=True)
    record(database, who, merchant, "erasure_ordered", now, erasure=id_, is_confirmed=is_confirmed)
    erasure = new_erasure(id_, merchant, key, hashes, who, now, reach, is_confirmed, with_export)
    database[Collection.ERASURES].insert_one(dict(erasure))
    return erasure


def confirm(database: Database[Document], erasure: Erasure, who: str, now: datetime) -> bool:
    """It begins again, and keeps its people out from now on; False where it waits for nobody."""
    record(database, who, erasure["merchant"], "erasure_confirmed", now, erasure=erasure["_id"])
    change = {
        "is_confirmed": True,
        "confirmed_at": now,
        "may_be_many": True,
        "needs_a_look": False,
        "state": str(ErasureState.ORDERED),
        "after": None,
        "changed_at": now,
    }
    return _decided(database, erasure, change)


def cancel(database: Database[Document], erasure: Erasure, who: str, now: datetime) -> bool:
    """Only what is not confirmed: of anything else something may be gone already. False where it is too late."""
    record(database, who, erasure["merchant"], "erasure_cancelled", now, erasure=erasure["_id"])
    return _decided(database, erasure, {"state": str(ErasureState.CANCELLED), "changed_at": now})


def drop_export(database: Database[Document], erasure: Erasure, who: str, now: datetime) -> None:
    record(database, who, erasure["merchant"], "export_removed", now, erasure=erasure["_id"])
    database[Collection.EXPORTS].delete_many({"erasure": erasure["_id"]})


def _decided(database: Database[Document], erasure: Erasure, change: Document) -> bool:
    waits = {
        "_id": erasure["_id"],
        "is_confirmed": False,
        "state": {"$in": [str(ErasureState.ORDERED), str(ErasureState.FOUND)]},
    }
    return database[Collection.ERASURES].update_one(waits, {"$set": change}).modified_count == 1
