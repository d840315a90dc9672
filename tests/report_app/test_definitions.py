from pathlib import Path

from contracts.reports import SHAPES, Family
from report_app.definitions import BY_KEY, numbers_markdown
from report_app.shown.figures import Measure


def test_the_printed_definitions_are_those_of_the_app():
    root = Path(__file__).parents[2]
    assert (root / "docs" / "numbers.md").read_text() == numbers_markdown()


def test_every_figure_has_a_definition():
    assert set(Measure) <= set(BY_KEY)
    assert {"received", "accepted", "duplicate", "bot", "rejected", "late"} <= set(BY_KEY)
    assert set(SHAPES) == set(Family)
