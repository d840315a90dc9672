"""Databases of rehearsals: none stays, also of one that was killed, and none goes that is used."""

from datetime import timedelta

import pytest

from backups.alone import HEARD_OF
from backups.scratch import clear_scratch, scratch_database


def names(store):
    """Those with documents of this test's own database."""
    return {name for name in store.database.client.list_database_names() if name.startswith(store.database.name)}


@pytest.fixture
def killed(store):
    """What a rehearsal leaves that was killed: a database, and that it was held until then."""
    left = f"{store.database.name}_rehearsal_0123abcd"
    store.database.client[left].orders.insert_one({})
    store.database.holders.insert_one({"_id": f"scratch/{left}", "expires_at": store.now() + HEARD_OF})
    return left


def test_nothing_stays_of_one_that_ends_or_fails(store):
    with pytest.raises(ZeroDivisionError), scratch_database(store) as scratch:
        scratch.orders.insert_one({})
        assert scratch.name in names(store)
        raise ZeroDivisionError
    assert clear_scratch(store) == [] and not any("rehearsal" in name for name in names(store))
    assert not list(store.database.holders.find())


def test_what_a_killed_one_left_goes_as_soon_as_it_is_known_to_be_dead(store, killed):
    assert clear_scratch(store) == [killed] and killed in names(store)
    later = store.now() + HEARD_OF + timedelta(seconds=1)
    store.now = lambda: later
    assert clear_scratch(store) == [] and killed not in names(store)
    assert not list(store.database.holders.find())


def test_one_that_nobody_ever_held_goes(store):
    store.database.client[f"{store.database.name}_rehearsal"].orders.insert_one({})
    assert clear_scratch(store) == [] and not any("rehearsal" in name for name in names(store))


def test_one_that_is_used_stays_also_before_it_is_there(store):
    with scratch_database(store) as scratch:
        assert clear_scratch(store) == [scratch.name]
        scratch.orders.insert_one({})
        assert clear_scratch(store) == [scratch.name] and scratch.name in names(store)


def test_no_other_database_goes(store):
    others = {
        f"{store.database.name}{end}" for end in ("", "_decisions", "_rehearsals", "_rehearsal_notes", "_x_rehearsal")
    }
    for name in others:
        store.database.client[name].orders.insert_one({})
    assert clear_scratch(store) == [] and names(store) == others
