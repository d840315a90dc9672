"""Which ids belong to a person: followed in three fixed steps, on hashes alone (ADR 23). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from contracts.erasures import MOST_IDS, MOST_LINKED
from contracts.person_ids import OF_PERSONS, IdKind

Ids = Mapping[IdKind, frozenset[str]]
"""Hashes by kind; a kind without any may be left out."""
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Followed:
    """`shared`: browsers that also sent user ids of others, and so are not followed."""

    ids: Ids
    shared: int

    @property
    def are_many(self) -> bool:
        return any(len(self.ids[kind]) > most for kind, most in MOST_LINKED.items())


def ids_by_kind(ids: Iterable[tuple[str, str]]) -> Ids:
    """Of (kind, hash)."""
    found = list(ids)
    return {kind: frozenset(hash_ for of, hash_ in found if of == kind) for kind in OF_PERSONS}


class Links(Protocol):
    """What stands together in the messages of a shop."""

    def to(self, kind: IdKind, ids: Ids) -> frozenset[str]:
        """Ids of this kind in messages that have one of `ids`; of more than MOST_IDS some, and these are more, too."""

    def used_by_others(self, browsers: frozenset[str], users: frozenset[str]) -> frozenset[str]:
        """Those of the browsers that also sent a user id that is none of these."""


def follow(named: Ids, links: Links) -> Followed:
    """The named ids and those that belong to them. Orders lead to people, people to their browsers and orders; no browser
    leads to another person. It ends with the step that finds more than MOST_IDS: nobody keeps so many.
    """
    browsers, users, orders = (named[kind] for kind in (IdKind.ANONYMOUS, IdKind.USER, IdKind.ORDER))
    met: frozenset[str] = NONE
    if orders:
        users |= links.to(IdKind.USER, {IdKind.ORDER: orders})
        met |= links.to(IdKind.ANONYMOUS, {IdKind.ORDER: orders})
    if users and not _are_too_many(users, met):
        met |= links.to(IdKind.ANONYMOUS, {IdKind.USER: users})
    met -= browsers
    if _are_too_many(users, met):
        return Followed({IdKind.ANONYMOUS: browsers | met, IdKind.USER: users, IdKind.ORDER: orders}, 0)
    shared = links.used_by_others(met, users) if met else NONE
    browsers |= met - shared
    if browsers or users:
        orders |= links.to(IdKind.ORDER, {IdKind.ANONYMOUS: browsers, IdKind.USER: users})
    return Followed({IdKind.ANONYMOUS: browsers, IdKind.USER: users, IdKind.ORDER: orders}, len(shared))


def _are_too_many(*found: frozenset[str]) -> bool:
    return any(len(some) > MOST_IDS for some in found)
