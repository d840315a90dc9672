import pytest

from report_app.drawing.scale import spread, ticks


@pytest.mark.parametrize("values", [[], [0], [7], [-30, 4180], [99_999], [-5], [1, 2, 3], [10**15, -(10**14)]])
def test_ticks_cover_the_values_and_zero_with_five_at_most(values):
    found = ticks(values)
    assert 2 <= len(found) <= 5
    assert 0 in found
    assert found[0] <= min([0, *values])
    assert found[-1] >= max([0, *values])


def test_steps_are_whole_units():
    assert ticks([250], unit=100) == [0, 100, 200, 300]


def test_labels_are_few_and_begin_with_the_first():
    assert spread(28, 5) == [0, 7, 14, 21, 27]
    assert spread(3, 5) == [0, 1, 2]
    assert all(len(spread(count, most)) <= most for count in range(1, 401) for most in (3, 5))
