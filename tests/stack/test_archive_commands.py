"""`footfall archive` on a copy that was written by hand; what restores one is in tests/spark_jobs/test_maintain_archive.py."""

import pytest
from click.testing import CliRunner

from contracts.maintenance import CopiedFile, CopyList
from spark_jobs.archive_copy import read_list, write_list
from spark_jobs.places import place_of
from stack.commands import main


@pytest.fixture
def run(tmp_path):
    environment = {"FOOTFALL_DATA": str(tmp_path / "data"), "FOOTFALL_ARCHIVE_COPY": str(tmp_path / "copy")}
    return lambda *words, **more: CliRunner(env=environment | more).invoke(main, ["archive", *words])


@pytest.fixture
def copy(tmp_path):
    copy = place_of(str(tmp_path / "copy"))
    file = CopiedFile(
        name="data/event_time_hour=2026-11-24-14/a.parquet", hour=1, rows=1_234, bytes=5_678, sha256="0" * 64
    )
    for day in (25, 26):
        made = f"2026-11-{day}T03:00:12+00:00"
        write_list(copy, CopyList(made_at=made, epoch=2, horizon=9, open=[], rows=1_234, removed=0, files=[file]))
    return copy


def test_the_states_that_there_are(run, copy):
    shown = run("copies").output.splitlines()
    assert [line.split()[0] for line in shown] == ["list", "20261125T030012.json.gz", "20261126T030012.json.gz"]
    assert shown[2].split()[1:] == ["2026-11-26", "03:00:12", "2", "1,234", "1", "5,678"]


def test_a_restore_says_first_what_it_would_do(run, copy):
    shown = run("restore")
    assert shown.exit_code == 0
    assert "2026-11-26T03:00:12+00:00: 1,234 rows in 1 files." in shown.output
    assert "Nothing was changed: say --yes" in shown.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("restore", "--list", "other"), "has no list other: it has lists/20261125T030012.json.gz"),
        (("restore", "--list", "../x"), "has no list ../x"),
        (("copies", "--from", "nowhere/at/all"), "cannot be read"),
        (("restore", "--from", "{empty}"), "holds no copy of an archive"),
    ],
)
def test_what_cannot_be(run, copy, tmp_path, words, sentence):
    shown = run(*(word.format(empty=tmp_path / "empty") for word in words))
    assert shown.exit_code == 1
    assert sentence in " ".join(shown.output.split())


def test_a_list_that_is_damaged(run, copy):
    copy.write("lists/20261127T030012.json.gz", b"no list")
    assert "cannot be read" in run("restore").output
    assert run("restore", "--list", "20261126T030012.json.gz").exit_code == 0


@pytest.mark.parametrize("name", ["data/../../x.parquet", "/etc/passwd", "data/event_time_hour=1/../x.parquet"])
def test_a_list_that_names_files_elsewhere(run, copy, name):
    listed = read_list(copy)
    listed["files"][0]["name"] = name
    write_list(copy, listed)
    assert "which is no file of an archive" in " ".join(run("restore").output.split())


def test_without_a_copy(run):
    shown = run("copies", FOOTFALL_ARCHIVE_COPY=None)
    assert shown.exit_code == 1 and "Give --from, or set FOOTFALL_ARCHIVE_COPY" in shown.output
