"""Which ids belong to a person: followed in three fixed steps, on hashes alone (ADR 23). Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contracts.erasures import MOST_LINKED
from contracts.person_ids import OF_PERSONS, IdKind


class Triple(NamedTuple):
    """Hashes of the ids that stand together in one message; None where it has none."""

    anonymous: str | None
    user: str | None
    order: str | None


Ids = Mapping[IdKind, frozenset[str]]
"""Hashes by kind."""
Carrying = Callable[[Ids], Iterable[Triple]]
"""The triples that have one of the ids."""
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


def follow(named: Ids, carrying: Carrying) -> Followed:
    """The named ids and those that belong to them. Orders lead to people, people to their browsers and orders; no browser
    leads to another person.
    """
    browsers, users = named[IdKind.ANONYMOUS], named[IdKind.USER]
    met: frozenset[str] = NONE
    if named[IdKind.ORDER]:
        of_orders = list(carrying(_only(IdKind.ORDER, named[IdKind.ORDER])))
        users |= _of(of_orders, IdKind.USER)
        met |= _of(of_orders, IdKind.ANONYMOUS)
    if users:
        met |= _of(carrying(_only(IdKind.USER, users)), IdKind.ANONYMOUS)
    met -= browsers
    shared = _shared(met, users, carrying) if met else NONE
    browsers |= met - shared
    people = {IdKind.ANONYMOUS: browsers, IdKind.USER: users, IdKind.ORDER: NONE}
    orders = named[IdKind.ORDER]
    if browsers or users:
        orders |= _of(carrying(people), IdKind.ORDER)
    return Followed(people | {IdKind.ORDER: orders}, len(shared))


def _shared(browsers: frozenset[str], users: frozenset[str], carrying: Carrying) -> frozenset[str]:
    found = carrying(_only(IdKind.ANONYMOUS, browsers))
    strangers = {one.anonymous for one in found if one.user is not None and one.user not in users}
    return frozenset(one for one in strangers if one is not None) & browsers


def _only(kind: IdKind, hashes: frozenset[str]) -> Ids:
    return {one: hashes if one == kind else NONE for one in OF_PERSONS}


def _of(triples: Iterable[Triple], kind: IdKind) -> frozenset[str]:
    found = (getattr(one, str(kind)) for one in triples)
    return frozenset(hash_ for hash_ in found if hash_ is not None)
