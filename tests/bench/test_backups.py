"""A small run of the measurement of backup and restore."""

from bench.backups import measure_backups


def test_every_step_is_measured_and_what_was_restored_was_proven():
    table = measure_backups(2_000)
    assert [row[0] for row in table.rows] == [
        "a plain copy",
        "the first copy",
        "its proof",
        "the second night's copy",
        "its proof, a seventh of the rest with it",
        "a restore",
    ]
    assert [row[1] for row in table.rows] == ["2,000", "2,000", "2,000", "20", "20", "2,000"]
    assert table.rows[1][-1] == "100%"
