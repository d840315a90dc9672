"""Tables of figures, for the terminal and for docs/bench.md."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(slots=True)
class Figures:
    """A table with a title, its columns, a line that says how it was measured, and rows of text."""

    title: str
    columns: Sequence[str]
    how: str
    rows: list[Sequence[str]] = field(default_factory=list)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, caption=self.how)
        for place, column in enumerate(self.columns):
            table.add_column(column, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def markdown(self) -> str:
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (self.columns, rule, *self.rows)]
        return "\n".join([f"## {self.title}", "", self.how, "", *lines, ""])


def write_document(path: Path, introduction: str, tables: Iterable[Figures]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([introduction, "", *[table.markdown() for table in tables]]))


def replace_sections(path: Path, tables: Iterable[Figures]) -> None:
    """Writes tables over those of the same title in the document, or behind all others."""
    introduction, *sections = re.split(r"^(?=## )", path.read_text(), flags=re.MULTILINE)
    by_title = {section.partition("\n")[0]: section.strip("\n") + "\n" for section in sections}
    by_title |= {f"## {table.title}": table.markdown() for table in tables}
    path.write_text("\n".join([introduction.strip("\n") + "\n", *by_title.values()]))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed; 0.0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share // 1) - 1))]
