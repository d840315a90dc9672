"""Due scopes: durable until computed, and nobody removes what a batch in flight holds."""

from contracts.names import Collection, DueGroup
from spark_jobs.due_scopes import Scope, hold_free, make_due, overtaken, read_due, read_tokens, remove_done, scope_of_id

FIRST = Scope("amber", DueGroup.HOUR, "2026-11-24T10:00Z")
SECOND = Scope("amber", DueGroup.HOUR, "2026-11-24T11:00Z")
THIRD = Scope("amber", DueGroup.HOUR, "2026-11-24T12:00Z")
DAY = Scope("amber", DueGroup.DAY, "2026-11-24")
ALL = 1_000


def due(database, group=DueGroup.HOUR, holder=None, limit=ALL, sequence=ALL):
    return [one.scope for one in read_due(database, group, holder, limit, sequence)]


def test_an_id_and_its_scope():
    for scope in (FIRST, DAY):
        assert scope_of_id(scope.id) == scope


def test_a_scope_is_due_until_it_was_computed(database):
    make_due(database, [FIRST, DAY], 5, None, "test")
    assert due(database) == [FIRST]
    assert due(database, DueGroup.DAY) == [DAY]
    remove_done(database, read_due(database, DueGroup.HOUR, None, ALL, 5), None)
    assert due(database) == [] and due(database, DueGroup.DAY) == [DAY]


def test_a_scope_is_not_computed_from_an_older_archive(database):
    make_due(database, [FIRST], 5, None, "test")
    assert due(database, sequence=4) == []
    assert read_tokens(database, [FIRST.id], 4) == []
    assert due(database, sequence=5) == [FIRST]


def test_the_sequence_never_goes_back(database):
    make_due(database, [FIRST], 7, None, "new")
    make_due(database, [FIRST], 5, None, "old")
    assert due(database, sequence=6) == []


def test_what_was_made_due_again_meanwhile_stays(database):
    make_due(database, [FIRST, SECOND], 5, None, "test")
    computed = read_due(database, DueGroup.HOUR, None, ALL, 5)
    make_due(database, [FIRST], 5, None, "again")
    remove_done(database, computed, None)
    assert due(database) == [FIRST]


def test_what_was_removed_or_made_due_again_meanwhile_is_overtaken(database):
    make_due(database, [FIRST, SECOND, THIRD], 5, None, "test")
    computed = read_due(database, DueGroup.HOUR, None, ALL, 5)
    assert overtaken(database, computed, 5) == set()
    make_due(database, [FIRST], 5, 12, "batch 12")
    remove_done(database, [one for one in computed if one.scope == SECOND], None)
    assert overtaken(database, computed, 5) == {FIRST, SECOND}


def test_what_became_due_at_a_newer_state_of_the_archive_is_not_overtaken(database):
    make_due(database, [FIRST], 5, None, "test")
    computed = read_due(database, DueGroup.HOUR, None, ALL, 5)
    make_due(database, [FIRST], 6, None, "newer")
    assert overtaken(database, computed, 5) == set()


def test_what_a_batch_holds_is_its_own(database):
    make_due(database, [FIRST], 5, 12, "batch 12")
    assert due(database) == [] and due(database, holder=13) == []
    assert due(database, holder=12) == [FIRST]
    remove_done(database, read_tokens(database, [FIRST.id], 5), None)
    assert due(database, holder=12) == [FIRST]
    remove_done(database, read_tokens(database, [FIRST.id], 5), 12)
    assert due(database, holder=12) == []


def test_what_a_batch_holds_stays_its_own_when_somebody_else_makes_it_due(database):
    make_due(database, [FIRST, SECOND], 5, 12, "batch 12")
    make_due(database, [FIRST], 6, None, "replay of days-3")
    remove_done(database, read_tokens(database, [FIRST.id, SECOND.id], 6), None)
    assert set(due(database, holder=12)) == {FIRST, SECOND}
    make_due(database, [FIRST], 6, 13, "batch 13")
    assert due(database, holder=13) == [FIRST]


def test_a_batch_takes_its_own_first_and_then_what_nobody_holds(database):
    make_due(database, [FIRST], 5, None, "left over")
    make_due(database, [SECOND], 5, 12, "batch 12")
    assert due(database, holder=12) == [SECOND, FIRST]


def test_a_limit_never_cuts_what_a_batch_holds(database):
    own = [Scope("amber", DueGroup.HOUR, f"2026-11-{day:02}T10:00Z") for day in range(1, 10)]
    make_due(database, own, 5, 12, "batch 12")
    make_due(database, [FIRST, SECOND], 5, None, "left over")
    assert set(due(database, holder=12, limit=3)) >= set(own)
    assert len(due(database, limit=1)) == 1


def test_the_oldest_first(database):
    make_due(database, [SECOND], 5, None, "first")
    make_due(database, [FIRST], 5, None, "second")
    make_due(database, [SECOND], 6, None, "again")
    assert due(database) == [SECOND, FIRST]


def test_nothing_due_writes_nothing(database):
    make_due(database, [], 5, None, "test")
    remove_done(database, [], None)
    assert database[Collection.DUE_SCOPES].count_documents({}) == 0


def test_only_what_nobody_holds_is_taken(database):
    make_due(database, [FIRST], 5, None, "batch 7 died")
    make_due(database, [SECOND], 5, 12, "batch 12")
    hold_free(database, [FIRST, SECOND], 13)
    assert due(database, holder=13) == [FIRST]
    assert due(database, holder=12) == [SECOND]
    assert due(database) == []
