import pytest

from contracts.ledger import is_hopeless


def entry(*statuses, messages=100, **fields):
    return {"messages": messages, "failures": [{"status": status} for status in statuses]} | fields


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), False),
        ((1, 1), False),
        ((1, 1, 1), True),
        ((1, 52, 3), True),
        ((1, -9, 137, 1), False),
        ((1, -9, 1, 1), True),
    ],
)
def test_three_failures_of_its_own_are_enough(statuses, expected):
    assert is_hopeless(entry(*statuses)) is expected


def test_an_attempt_that_was_killed_says_little():
    assert not is_hopeless(entry(*[-9] * 9))
    assert is_hopeless(entry(*[-9] * 9, 137))


def test_a_half_has_a_parent_that_failed_already():
    assert is_hopeless(entry(1, 1, parent=4))
    assert not is_hopeless(entry(1, 1, parent=4, messages=1)), "the last message is not given up lightly"


def test_an_entry_that_never_failed():
    assert not is_hopeless({"messages": 4})


def test_a_batch_without_messages_has_nothing_to_set_aside():
    assert not is_hopeless(entry(*[1] * 9, messages=0))
