"""Many things, some at a time."""

from itertools import count

import pytest

from contracts.chunks import chunks


@pytest.mark.parametrize(
    ("items", "expected"),
    [([], []), ([1, 2], [[1, 2]]), ([1, 2, 3, 4], [[1, 2, 3], [4]]), ("abcdef", [[*"abc"], [*"def"]])],
)
def test_the_last_list_holds_what_is_left(items, expected):
    assert list(chunks(items, 3)) == expected


def test_nothing_is_read_ahead():
    numbers = count()
    assert next(chunks(numbers, 3)) == [0, 1, 2]
    assert next(numbers) == 3
