"""The documents say what the code says, and their links lead somewhere."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from contracts.settings import Settings
from stack.commands import main as footfall
from stack.documents import DOCUMENTS, NOTES

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
MADE_BY_PROGRAMS = ("docs/pictures/", "docs/bench.md")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SETTINGS = {f"FOOTFALL_{item.name.upper()}" for item in fields(Settings)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_printed_document_is_that_of_the_code(name):
    is_same = (ROOT / "docs" / name).read_text() == DOCUMENTS[name]()
    assert is_same, f"docs/{name} is stale: run `make docs`."


def test_every_setting_has_its_words():
    assert {item.name for item in fields(Settings)} == set(NOTES)


def commands(group: click.Group, prefix: str):
    for name, command in group.commands.items():
        yield f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


def test_every_command_is_in_the_operations_manual():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in commands(footfall, "footfall") if f"`{name}" not in text] == []


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
class TestDocument:
    def test_links_lead_somewhere(self, document):
        targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
        assert [target for target in targets if not leads_somewhere(document, target)] == []

    def test_settings_exist(self, document):
        named = set(re.findall(r"FOOTFALL_[A-Z]+(?:_[A-Z]+)*", document.read_text())) - SETTINGS
        assert {name for name in named if name.removesuffix("_FILE") not in SETTINGS | {"FOOTFALL_X"}} == set()

    def test_make_knows_what_it_is_asked_for(self, document):
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named <= TARGETS


def leads_somewhere(document: Path, target: str) -> bool:
    if target.startswith(("http://", "https://")):
        return True
    path, _, anchor = target.partition("#")
    place = (document.parent / path).resolve() if path else document
    if str(place.relative_to(ROOT)).startswith(MADE_BY_PROGRAMS):
        return True
    return place.exists() and (not anchor or anchor in anchors(place))


def anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = document.read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)"', text))
