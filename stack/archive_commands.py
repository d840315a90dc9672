"""`footfall archive`: the states of the archive in its copy, and the archive from one of them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

import click
from rich.console import Console
from rich.table import Table

from contracts.maintenance import CopyList
from contracts.names import Job
from contracts.settings import Settings
from spark_jobs.archive_copy import CopyProblem, list_names, read_list
from spark_jobs.places import Place, place_of
from stack import supervision
from stack.local import ROOT, program_environment, recorded_settings
from stack.parts import spark
from stack.problems import StackProblem

FROM = click.option("--from", "folder", help="The folder of the copy; without it that of FOOTFALL_ARCHIVE_COPY.")


@click.group("archive")
def archive_group() -> None:
    """Look at the copy of the archive; restore the archive from it."""


@archive_group.command("copies")
@FROM
def archive_copies(folder: str | None) -> None:
    """List the states of the archive that its copy holds, newest last.

    Example: footfall archive copies
    """
    copy = _copy(_settings(), folder)
    table = Table("list", "made (UTC)", "epoch", "rows", "files", "bytes", box=None)
    for name in _names(copy):
        listed = _list(copy, name)
        made = f"{datetime.fromisoformat(listed['made_at']):%Y-%m-%d %H:%M:%S}"
        size = sum(file["bytes"] for file in listed["files"])
        table.add_row(name, made, str(listed["epoch"]), f"{listed['rows']:,}", f"{len(listed['files']):,}", f"{size:,}")
    Console(width=200).print(table)


@archive_group.command("restore")
@FROM
@click.option("--list", "name", help="One of `footfall archive copies`; without it the newest.")
@click.option("--instead", is_flag=True, help="Also where the archive holds rows: they are let go.")
@click.option("--yes", is_flag=True, help="Do it; without it the command says what it would do.")
def archive_restore(folder: str | None, name: str | None, instead: bool, yes: bool) -> None:
    """Make the archive from its copy, and have the batches that it lacks read again. Pause all DAGs first.

    Example: footfall archive restore --yes
    """
    settings = _settings()
    copy = _copy(settings, folder)
    listed = _list(copy, name)
    click.echo(f"{copy.root} of {listed['made_at']}: {listed['rows']:,} rows in {len(listed['files']):,} files.")
    if not yes:
        click.echo("Nothing was changed: say --yes to restore it.")
        return
    words = ["--from", folder or settings.archive_copy]
    words += ["--list", name] if name else []
    words += ["--instead"] if instead else []
    with _without_standing_driver(settings):
        _submit(settings, words)
    click.echo("The archive is restored; resume the DAGs, and process_events reads again what it lacks.")


@contextmanager
def _without_standing_driver(settings: Settings) -> Iterator[None]:
    """It may know the catalog as it was; a new one stands afterwards."""
    drivers = spark.programs(settings) if supervision.running_supervisor(settings) else []
    for program in drivers:
        supervision.stop(settings, program.process)
    try:
        yield
    finally:
        for program in drivers:
            supervision.start(settings, program)


def _submit(settings: Settings, words: list[str]) -> None:
    job = ROOT / "spark_jobs" / Job.RESTORE_ARCHIVE / "job.py"
    submit = ["spark-submit", "--master", "local[*]", "--name", f"footfall-{Job.RESTORE_ARCHIVE}", str(job), *words]
    environment = program_environment(settings)
    done = subprocess.run(submit, env=environment, cwd=ROOT, check=False)
    if done.returncode:
        raise StackProblem("The archive was not restored: the last lines above say why. The same command begins anew.")


def _settings() -> Settings:
    return recorded_settings(os.environ)


def _copy(settings: Settings, folder: str | None) -> Place:
    place = folder or settings.archive_copy
    if not place:
        raise StackProblem("Where is the copy? Give --from, or set FOOTFALL_ARCHIVE_COPY.")
    try:
        return place_of(place)
    except (OSError, ValueError) as error:
        _away(place, error)


def _names(copy: Place) -> list[str]:
    try:
        return [name.rpartition("/")[2] for name in list_names(copy)]
    except OSError as error:
        _away(copy.root, error)


def _list(copy: Place, name: str | None) -> CopyList:
    try:
        listed = read_list(copy, name)
    except CopyProblem as problem:
        raise StackProblem(str(problem)) from problem
    except OSError as error:
        _away(copy.root, error)
    if listed is None:
        raise StackProblem(f"{copy.root} holds no copy of an archive.")
    return listed


def _away(place: str, error: Exception) -> NoReturn:
    raise StackProblem(f"{place} cannot be read: {error}") from error
