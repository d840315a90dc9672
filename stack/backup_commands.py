"""`footfall backup`: which generations there are, and a person's word that a small one is right."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from backups.problems import BackupProblem
from backups.proving import accept
from backups.store import Store, open_store
from contracts.backups import BackupLine, Generation
from stack.local import recorded_settings
from stack.problems import StackProblem

LINES = click.option(
    "--line",
    type=click.Choice([str(line) for line in BackupLine]),
    default=str(BackupLine.NIGHTLY),
    show_default=True,
    help="The nightly generations, or those of what only people made.",
)


@click.group("backup")
def backup_group() -> None:
    """Look at the backups; accept one that is much smaller than the last."""


@backup_group.command("list")
@LINES
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON list.")
def backup_list(line: str, as_json: bool) -> None:
    """List generations, newest first.

    Example: footfall backup list
    """
    with opened_store(BackupLine(line)) as store:
        found = store.generations()
    if as_json:
        click.echo(json.dumps(found, indent=1, default=str))
        return
    table = Table("generation", "shows (UTC)", "state", "documents", "bytes", "read", "written", "remark", box=None)
    for one in found:
        counts = (f"{one[name]:,}" if name in one else "" for name in ("documents", "bytes", "read", "written"))
        table.add_row(str(one["_id"]), f"{one['taken_at']:%Y-%m-%d %H:%M:%S}", one["state"], *counts, _remark(one))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@backup_group.command("accept")
@click.argument("generation", type=int)
@click.option("--by", required=True, help="Who says so; it is kept.")
@LINES
def backup_accept(generation: int, by: str, line: str) -> None:
    """Say that a doubtful GENERATION is right: it was proven, and is much smaller than the last.

    Example: footfall backup accept 41 --by anna
    """
    with opened_store(BackupLine(line)) as store:
        accept(store, generation, by)
    click.echo(f"Generation {generation} is whole.")


@contextmanager
def opened_store(line: BackupLine) -> Iterator[Store]:
    """The backup server of the stack in FOOTFALL_DATA; every problem is one message."""
    try:
        with open_store(recorded_settings(os.environ), line) as store:
            yield store
    except BackupProblem as problem:
        raise StackProblem(str(problem)) from problem
    except PyMongoError as error:
        raise StackProblem(f"A database does not answer; is the stack running? {error}") from error


def _remark(generation: Generation) -> str:
    if "accepted_by" in generation:
        return f"accepted by {generation['accepted_by']}"
    said = [*generation.get("findings", []), *generation.get("doubts", [])]
    return said[0] if said else ""
