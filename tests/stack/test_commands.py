"""The commands as an operator meets them, without a running stack."""

import json

import click
import pytest
from click.testing import CliRunner

from stack.commands import main
from stack.programs import stack_programs


def commands(group=main, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.fixture
def run(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(main, words)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_has_an_example(path):
    shown = CliRunner().invoke(main, [*path, "--help"])
    assert shown.exit_code == 0 and f"footfall {' '.join(path)}" in shown.output.split("Example:")[1]


def test_the_help_reads_like_a_table_of_contents():
    assert list(main.commands)[:4] == ["setup", "up", "down", "status"]


def test_the_status_of_a_stack_that_does_not_run(run, settings):
    shown = run("status", "--json")
    assert shown.exit_code == 1
    parts = json.loads(shown.output)
    assert [part["name"] for part in parts] == [program.name for program in stack_programs(settings)]
    assert {(part["process"], part["is_well"]) for part in parts} == {("down", False)}


def test_down_where_nothing_runs(run):
    shown = run("down")
    assert shown.exit_code == 0 and "Nothing ran." in shown.output


@pytest.mark.parametrize("words", [("logs", "kafak"), ("restart", "kafak")])
def test_a_part_that_does_not_exist(run, words):
    shown = run(*words)
    assert shown.exit_code == 1 and "no part 'kafak'" in shown.output and "backup-mongo" in shown.output


def test_restart_where_nothing_runs(run):
    shown = run("restart", "kafka")
    assert shown.exit_code == 1 and "Is the stack running?" in shown.output


def test_a_setting_that_does_not_exist(run, monkeypatch):
    monkeypatch.setenv("FOOTFALL_AIRFLOW_PROT", "1")
    shown = run("up")
    assert shown.exit_code == 1 and "FOOTFALL_AIRFLOW_PROT is not a setting" in shown.output
