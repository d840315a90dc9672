"""Which ids belong together: a person's browsers and orders, and nobody else's."""

import pytest

from contracts.erasures import MOST_IDS, MOST_LINKED
from contracts.person_ids import OF_PERSONS, IdKind
from spark_jobs.forget_people.following import follow, ids_by_kind

A, U, ORDER = IdKind.ANONYMOUS, IdKind.USER, IdKind.ORDER
MESSAGES = [
    ("phone", None, None),
    ("phone", "anna", None),
    ("laptop", "anna", "1001"),
    ("laptop", None, "1002"),
    (None, None, "1001"),  # the shop's server: a refund
    ("kiosk", "anna", "1003"),
    ("kiosk", "bert", "1004"),
    ("kiosk", None, None),
    ("tablet", "bert", "1005"),
]


class Messages:
    """(browser, user, order) of each; `asked`: the kinds that were asked for."""

    def __init__(self, messages):
        self.messages, self.asked = [dict(zip(OF_PERSONS, one, strict=True)) for one in messages], []

    def to(self, kind, ids):
        self.asked.append(kind)
        found = [one for one in self.messages if any(one[of] in some for of, some in ids.items())]
        return frozenset(one[kind] for one in found if one[kind] is not None)

    def used_by_others(self, browsers, users):
        return frozenset(one[A] for one in self.messages if one[A] in browsers and one[U] not in {None, *users})


def followed(*named):
    found = follow(ids_by_kind(named), Messages(MESSAGES))
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


def guests(count):
    return Messages([(f"browser-{n}", "guest", f"order-{n}") for n in range(count)])


def test_a_placeholder_that_everybody_has_is_seen():
    many = guests(MOST_LINKED[A] + 1)
    assert follow(ids_by_kind([(U, "guest")]), many).are_many
    assert not follow(ids_by_kind([(A, "browser-1")]), many).are_many


def test_what_leads_to_more_than_anybody_keeps_is_followed_no_further():
    some, too_many = guests(MOST_IDS), guests(MOST_IDS + 1)
    assert len(follow(ids_by_kind([(U, "guest")]), some).ids[ORDER]) == MOST_IDS
    found = follow(ids_by_kind([(U, "guest")]), too_many)
    assert len(found.ids[A]) == MOST_IDS + 1 and found.are_many
    assert some.asked == [A, ORDER] and too_many.asked == [A]
