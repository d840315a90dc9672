"""What a round of upkeep says of its counts."""

from contracts.maintenance import Mismatch, loss_of, nothing_done, problems_of


def test_counts_that_agree_have_no_problem():
    assert problems_of(nothing_done(7, 3, [])) == []


def test_each_batch_that_does_not_agree_is_named():
    wrong = [Mismatch(batch=12, ledger=1_840, archive=1_838)]
    assert problems_of(nothing_done(7, 3, wrong)) == [
        "Batch 12 has 1,840 rows by the ledger, and 1,838 in the archive."
    ]


def test_a_loss_names_the_snapshot_that_still_has_the_rows():
    upkeep = nothing_done(7, 3, []) | {"rows_before": 10, "rows_after": 9}
    assert problems_of(upkeep) == [loss_of(upkeep)]
    assert "had 10 rows, and have 9 now. Snapshot 7 still holds them" in loss_of(upkeep)
