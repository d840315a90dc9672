"""Percentiles and tables."""

import pytest

from bench.tables import Figures, percentile, replace_sections, write_document


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.1, 1), (1.0, 10)])
def test_percentiles_of_ten(share, value):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == value


def test_a_percentile_of_nothing_is_nothing():
    assert percentile([], 0.5) == 0


def test_a_table_in_markdown():
    table = Figures("Idle", ("part", "CPU"), "Over a minute.", [("broker", "3 %")])
    assert table.markdown() == "## Idle\n\nOver a minute.\n\n| part | CPU |\n| --- | ---: |\n| broker | 3 % |\n"


def test_a_section_is_replaced_where_it_stands_and_a_new_one_comes_last(tmp_path):
    document = tmp_path / "bench.md"
    first, second, third = (Figures(title, ("a",), "How.", [("1",)]) for title in ("One", "Two", "Three"))
    write_document(document, "# Measurements\n\nMade.", [first, second])
    newer = Figures("One", ("a",), "How.", [("2",)])
    replace_sections(document, [newer, third])
    replaced = document.read_text()
    write_document(document, "# Measurements\n\nMade.", [newer, second, third])
    assert replaced == document.read_text()
