"""The measurement of backup and restore."""

import pytest

from bench.backups import Cost, backup_table, measure_backups


def test_a_row_says_what_a_step_cost_beside_the_first_copy():
    first = Cost(1_000_000, 109.0, 182.0)
    assert Cost(10_000, 4.0, 4.55).row("a second night", first) == [
        "a second night",
        "10,000",
        "4.0 s",
        "4.5 s",
        "2,500",
        "2%",
    ]
    assert len(backup_table(1_000).columns) == len(first.row("", first))


@pytest.mark.long
def test_every_step_is_measured_and_what_was_restored_was_proven():
    table = measure_backups(2_000)
    assert [row[1] for row in table.rows] == ["2,000", "2,000", "2,000", "20", "20", "2,000"]
    assert table.rows[1][-1] == "100%"
