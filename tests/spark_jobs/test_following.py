"""Which ids belong together: a person's browsers and orders, and nobody else's."""

import pytest

from contracts.erasures import MOST_LINKED
from contracts.person_ids import IdKind
from spark_jobs.forget_people.following import Triple, follow, ids_by_kind

A, U, ORDER = IdKind.ANONYMOUS, IdKind.USER, IdKind.ORDER
MESSAGES = [
    Triple("phone", None, None),
    Triple("phone", "anna", None),
    Triple("laptop", "anna", "1001"),
    Triple("laptop", None, "1002"),
    Triple(None, None, "1001"),  # the shop's server: a refund
    Triple("kiosk", "anna", "1003"),
    Triple("kiosk", "bert", "1004"),
    Triple("kiosk", None, None),
    Triple("tablet", "bert", "1005"),
]


def carrying(ids):
    return [one for one in MESSAGES if one.anonymous in ids[A] or one.user in ids[U] or one.order in ids[ORDER]]


def followed(*named):
    found = follow(ids_by_kind(named), carrying)
    return {(kind, one) for kind, some in found.ids.items() for one in some}, found.shared


@pytest.mark.parametrize(
    ("named", "belonging"),
    [
        ((U, "anna"), {(A, "phone"), (A, "laptop"), (ORDER, "1001"), (ORDER, "1002"), (ORDER, "1003")}),
        ((ORDER, "1001"), {(U, "anna"), (A, "phone"), (A, "laptop"), (ORDER, "1002"), (ORDER, "1003")}),
        ((A, "phone"), set()),
        ((A, "laptop"), {(ORDER, "1001"), (ORDER, "1002")}),
        ((ORDER, "1005"), {(U, "bert"), (A, "tablet"), (ORDER, "1004")}),
        ((ORDER, "9999"), set()),
        ((U, "nobody"), set()),
    ],
)
def test_what_belongs_to_an_id(named, belonging):
    found, _ = followed(named)
    assert found == {named} | belonging


def test_a_browser_that_others_use_is_not_followed():
    found, shared = followed((U, "anna"))
    assert (A, "kiosk") not in found and shared == 1


def test_a_browser_that_was_named_goes_whoever_used_it():
    found, shared = followed((A, "kiosk"))
    assert found == {(A, "kiosk"), (ORDER, "1003"), (ORDER, "1004")} and shared == 0


def test_a_browser_of_two_users_who_are_both_named_is_theirs():
    found, shared = followed((U, "anna"), (U, "bert"))
    assert (A, "kiosk") in found and shared == 0


def test_a_placeholder_that_everybody_has_is_seen():
    many = [Triple(f"browser-{n}", "guest", None) for n in range(MOST_LINKED[A] + 1)]

    def carrying(ids):
        return [one for one in many if one.anonymous in ids[A] or one.user in ids[U]]

    assert follow(ids_by_kind([(U, "guest")]), carrying).are_many
    assert not follow(ids_by_kind([(A, "browser-1")]), carrying).are_many
