"""Erasures: a person to be forgotten, how far that is, and who is to be kept out. One document of `erasures` each.

The report app orders, the job and the DAG `forget_people` carry out; everybody who reads messages asks `Forgotten`.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NotRequired, TypedDict

from contracts.canonical import canonical_json
from contracts.names import DagId, Topic
from contracts.person_ids import IdKind, PersonId, hashed, id_key

MOST_IDS: Final = 20_000
"""More that belong together are not kept: then only what was named goes."""
IN_FORCE: Final[Mapping[str, Any]] = {
    "is_confirmed": True,
    "state": {"$ne": "cancelled"},
    "$or": [{"state": {"$ne": "ordered"}}, {"may_be_many": True}],
}
"""A query in `erasures`: whoever is kept out. What nobody confirmed yet loses nothing, nor what may still prove to be everybody's:
before it is found nobody knows. What comes until then has rows, and they go with the others."""
MOST_NAMED: Final = 50
"""Ids that one order may name."""
MOST_LINKED: Final[Mapping[IdKind, int]] = {IdKind.ANONYMOUS: 50, IdKind.USER: 50, IdKind.ORDER: 500}
"""More are hardly one person's: a person looks at the counts first."""
EXPORT_KEPT: Final = timedelta(days=7)
KAFKA_KEEPS: Final[Mapping[Topic, int]] = {Topic.EVENTS: 7, Topic.ERRORS: 30}
"""Days; topics that carry messages of people. The others name shops and reports."""
FORGOTTEN_VALUE: Final = b'{"v":1,"forgotten":true}'
"""In a copy of messages it stands in the place of a forgotten person's, so that every other one keeps its own."""


class ErasureState(StrEnum):
    """ordered: waits to be looked for. found: the ids that belong together are known; waits for a person if it is not
    confirmed. erasing: rows and documents go. erased: what is older goes too, backups above all.
    """

    ORDERED = "ordered"
    FOUND = "found"
    ERASING = "erasing"
    ERASED = "erased"
    DONE = "done"
    CANCELLED = "cancelled"


READING: Final = (DagId.PROCESS_EVENTS, DagId.REPROCESS_ERRORS)
"""DAGs whose batches read whom to keep out when they begin: what began before an erasure may know nothing of it."""
OPEN: Final = (ErasureState.ORDERED, ErasureState.FOUND, ErasureState.ERASING, ErasureState.ERASED)


class Reach(StrEnum):
    """linked: ids that belong together are followed (ADR 23). named: only the ids of the order."""

    LINKED = "linked"
    NAMED = "named"


class ErasedId(TypedDict):
    """`hash` is keyed (contracts/person_ids.py). `is_named`: the order named it."""

    kind: str
    hash: str
    is_named: bool


class Removed(TypedDict):
    """`what` went from `store`, counted in its own units, at an instant (ISO 8601, UTC)."""

    store: str
    what: str
    count: int
    at: str


CARRIED_OUT: Final[Mapping[str, Any]] = {"state": {"$in": [str(ErasureState.ERASED), str(ErasureState.DONE)]}}
"""A query: those of which nothing was left. What a restore brings back may hold some of it again."""
ONCE_MORE: Final[Mapping[str, Any]] = {
    "$set": {
        "state": str(ErasureState.ERASING),
        "with_export": False,
        "cleared": {},
        "after": None,
        "not_before": None,
        "failure": None,
    },
    "$currentDate": {"opened_again_at": True},
}
"""An update of these: the person is searched for and erased again."""


class Older(StrEnum):
    """What goes after the rows and documents; `cleared` of an erasure says when each did."""

    ARCHIVE = "archive"
    """States and files of before."""
    COPY = "copy"
    BACKUPS = "backups"
    DUMPS = "dumps"


class Receipt(TypedDict):
    """What a person can be shown. `kafka`: until when a topic may still hold messages. `left`: sentences about what stays, and why.

    Times are ISO 8601 in UTC; `signature` is over all the rest.
    """

    erasure: str
    merchant: str
    ordered_at: str
    done_at: str
    ids: Mapping[str, int]
    removed: Sequence[Removed]
    kafka: Mapping[str, str]
    left: Sequence[str]
    key: str
    signature: NotRequired[str]


class Erasure(TypedDict, total=False):
    """A document of `erasures`; times are UTC. `_id` is `<merchant>/<12 hexadecimal digits>`, `key` the id of the secret.

    is_confirmed: it is to be done. may_be_many: a person has seen the counts. When its ids are kept out: IN_FORCE.
    after: the ledger's newest batch when the state began, null until it was looked at: batches up to it may know less.
    opened_again_at: when a restore had it carried out once more; its promise begins anew. not_before: nobody tries before. failure: what kind of error ended the last attempt at this state, null where none did. cleared: when what is older went, by `Older`. export: how many pieces it has, null without one.
    found: counts of what was found, by store. needs_a_look: so many ids were found that a person must confirm. messages: hashes
    of ids of messages whose times were decided (`assigned_times`). errors: [batch, partition, offset] of rows that were rejected:
    the inbox may know them by nothing else. sequence: of the archive, when the rows were gone. scopes: ids of those whose reports are to be computed without the person.
    """

    _id: str
    merchant: str
    key: str
    state: str
    reach: str
    ids: list[ErasedId]
    messages: list[str]
    errors: list[list[int]]
    sequence: int
    scopes: list[str]
    with_export: bool
    is_confirmed: bool
    needs_a_look: bool
    may_be_many: bool
    ordered_by: str
    ordered_at: datetime
    confirmed_at: datetime | None
    opened_again_at: datetime
    after: int | None
    found: Mapping[str, int]
    not_before: datetime | None
    failure: str | None
    cleared: Mapping[str, datetime]
    export: int | None
    changed_at: datetime
    done_at: datetime
    receipt: Receipt


def new_erasure(
    id_: str,
    merchant: str,
    key: str,
    ids: Sequence[ErasedId],
    ordered_by: str,
    now: datetime,
    reach: Reach = Reach.LINKED,
    is_confirmed: bool = True,
    with_export: bool = False,
) -> Erasure:
    """Nothing of it is done yet."""
    return Erasure(
        _id=id_,
        merchant=merchant,
        key=key,
        state=str(ErasureState.ORDERED),
        reach=str(reach),
        ids=list(ids),
        messages=[],
        errors=[],
        sequence=0,
        scopes=[],
        with_export=with_export,
        is_confirmed=is_confirmed,
        needs_a_look=False,
        may_be_many=False,
        ordered_by=ordered_by,
        ordered_at=now,
        confirmed_at=now if is_confirmed else None,
        after=None,
        found={},
        not_before=None,
        failure=None,
        cleared={},
        export=None,
        changed_at=now,
    )


def erased_ids(key: bytes, ids: Iterable[PersonId], is_named: bool) -> list[ErasedId]:
    """In an order that says nothing about the ids."""
    found = [ErasedId(kind=str(one.kind), hash=hashed(key, one), is_named=is_named) for one in set(ids)]
    return sorted(found, key=lambda one: one["hash"])


class UnknownSecret(LookupError):
    """People were forgotten under a secret that is not there any more: nobody can tell whom."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whom shops have forgotten. `hashes`: by merchant, each secret's key with the hashes under it."""

    hashes: Mapping[str, Sequence[tuple[bytes, frozenset[str]]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def has(self, merchant: str, ids: Iterable[PersonId]) -> bool:
        """Whether one of the ids is a forgotten one."""
        keys = self.hashes.get(merchant)
        return bool(keys) and any(hashed(key, one) in known for one in ids for key, known in keys or ())


NOBODY: Final = Forgotten()


def forgotten_of(erasures: Iterable[Mapping[str, Any]], secrets: Mapping[str, bytes]) -> Forgotten:
    """Of documents of `erasures`. Raises UnknownSecret."""
    found: dict[str, dict[str, set[str]]] = {}
    for one in erasures:
        hashes = found.setdefault(one["merchant"], {}).setdefault(one["key"], set())
        hashes.update(id_["hash"] for id_ in one["ids"])
        hashes.update(one.get("messages", ()))
    return Forgotten(
        {
            merchant: [(id_key(_secret(secrets, id_), merchant), frozenset(known)) for id_, known in by_key.items()]
            for merchant, by_key in found.items()
        }
    )


def _secret(secrets: Mapping[str, bytes], id_: str) -> bytes:
    if id_ not in secrets:
        raise UnknownSecret(
            f"People were forgotten under secret {id_!r}, which FOOTFALL_ERASURE_SECRETS lacks: put it back."
        )
    return secrets[id_]


def signed(receipt: Receipt, secret: bytes) -> Receipt:
    return Receipt(**{**receipt, "signature": _signature(receipt, secret)})


def is_signed(receipt: Mapping[str, Any], secrets: Mapping[str, bytes]) -> bool:
    """Whether every word of it is ours; never raises, whatever somebody hands in."""
    try:
        secret = secrets[receipt["key"]]
        return hmac.compare_digest(str(receipt["signature"]), _signature(receipt, secret))
    except (KeyError, TypeError, ValueError, RecursionError):
        return False


def _signature(receipt: Mapping[str, Any], secret: bytes) -> str:
    said = {name: value for name, value in receipt.items() if name != "signature"}
    return hmac.new(secret, b"receipt/" + canonical_json(said), sha256).hexdigest()
