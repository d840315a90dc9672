"""`footfall restore`: a generation as a database again, beside the platform's own or in its place."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from pymongo import MongoClient
from pymongo.database import Database

from backups.restoring import Progress, Restored, readable, restore, restore_merchant
from backups.scratch import scratch_database
from backups.store import Store
from contracts.backups import BackupLine
from contracts.names import Collection
from contracts.settings import Settings
from report_app.proof_reading import proof_read
from stack.backup_commands import LINES, opened_store
from stack.database import open_database
from stack.local import recorded_settings
from stack.parts import mongo
from stack.problems import StackProblem
from stack.replacing import Lines, replace_database, wait_until_caught_up
from stack.waiting import wait_until

Document = dict[str, Any]
_SERVERS_OWN = ("admin", "config", "local")
_EVERY_SECONDS = 1.0


@click.command("restore")
@click.option("--generation", type=int, help="One of `footfall backup list`; without it the newest whole one.")
@click.option("--merchant", help="Only what belongs to this shop.")
@click.option("--into", help="Name of a new database on the server of the platform's database.")
@click.option(
    "--rehearse", is_flag=True, help="Restore into a scratch database on the backup server, read it, remove it."
)
@click.option("--in-place", is_flag=True, help="Restore the platform's own database, which was lost.")
@click.option("--replace", is_flag=True, help="With --in-place: also where the database is there.")
@LINES
def restore_command(
    generation: int | None,
    merchant: str | None,
    into: str | None,
    rehearse: bool,
    in_place: bool,
    replace: bool,
    line: str,
) -> None:
    """Restore a generation, and prove it: into a database of its own, or in the place of the platform's, which was lost.

    In place, what only people made is as new as there is, and the archive brings everything else up to its last batch.

    Example: footfall restore --generation 41 --into looking
    """
    if (into is not None) + rehearse + in_place != 1:
        raise click.UsageError("Give one of --into NAME, --rehearse and --in-place.")
    if ((merchant is not None or line != BackupLine.NIGHTLY) and in_place) or (replace and not in_place):
        raise click.UsageError("--in-place takes --generation and --replace only.")
    settings = recorded_settings(os.environ)
    if in_place:
        _in_place(settings, generation, replace)
    else:
        _beside(settings, generation, merchant, into, rehearse, line)


def _in_place(settings: Settings, generation: int | None, may_replace: bool) -> None:
    _awaken(settings.mongo_uri)
    database = open_database(settings)
    with opened_store(BackupLine.NIGHTLY) as nightly, opened_store(BackupLine.DECISIONS) as decisions:
        done = replace_database(database, Lines(nightly, decisions), generation, may_replace, _progress(), _say)
        taken = nightly.generation(done["generation"])["taken_at"]
        newer = f", decisions of generation {done['decisions']} of theirs" if done["decisions"] else ""
        click.echo(f"Database {database.name} is that of {taken:%Y-%m-%d %H:%M:%S} UTC{newer}, proven.")
        wait_until_caught_up(database, _say)
    click.echo("It has caught up with the archive. Days, the error inbox and new events follow by themselves.")


def _awaken(uri: str) -> None:
    """A server of this machine that lost its files is no replica set any more. Raises StackProblem."""
    if "//127.0.0.1:" not in uri or not mongo.is_answering(uri) or mongo.is_writable(uri):
        return
    mongo.initiate(uri)
    if not wait_until(lambda: mongo.is_writable(uri), 30):
        raise StackProblem("The database answers but cannot be written to: see `footfall logs mongo`.")


def _beside(
    settings: Settings, generation: int | None, merchant: str | None, into: str | None, rehearse: bool, line: str
) -> None:
    with opened_store(BackupLine(line)) as store, _target(store, settings, into) as target:
        number = readable(store, generation)
        taken = store.generation(number)["taken_at"]
        click.echo(f"Generation {number} shows {taken:%Y-%m-%d %H:%M:%S} UTC.", err=True)
        done = _restore(store, number, target, merchant)
        where = "a scratch database" if rehearse else f"database {target.name}"
        click.echo(f"{sum(done.documents.values()):,} documents are in {where}, proven.")
        if rehearse and BackupLine(line) is BackupLine.NIGHTLY:
            _read(target)


def _restore(store: Store, number: int, target: Database[Document], merchant: str | None) -> Restored:
    if merchant is None:
        return restore(store, number, target, _progress())
    return restore_merchant(store, number, merchant, target, _progress())


def _read(target: Database[Document]) -> None:
    """Every report of the shops that were restored, as pages read them. Raises StackProblem."""
    shops = [shop["_id"] for shop in target[Collection.MERCHANTS].find({}, {"_id": 1})]
    count, unreadable = proof_read(target, shops)
    if unreadable:
        raise StackProblem("\n".join(["These reports cannot be read:", *unreadable]))
    click.echo(f"{count:,} reports of {len(shops):,} shops can be read.")


@contextmanager
def _target(store: Store, settings: Settings, into: str | None) -> Iterator[Database[Document]]:
    """A database that has nothing; the scratch one goes again, the other one where the restore fails. Raises StackProblem."""
    if into is None:
        with scratch_database(store) as scratch:
            yield scratch
        return
    if into in (*_SERVERS_OWN, settings.database):
        raise StackProblem(f"{into} is in use: choose the name of a new database.")
    with MongoClient[Document](settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=10_000) as client:
        if client[into].list_collection_names():
            raise StackProblem(f"Database {into} has collections: choose the name of a new one, or drop it first.")
        try:
            yield client[into]
        except BaseException:
            # it was empty: what is there now is the half of this restore
            client.drop_database(into)
            raise


def _say(line: str) -> None:
    click.echo(line, err=True)


def _progress() -> Progress:
    """Says how far a collection is, at most once a second, and when it is done."""
    said = [time.monotonic()]

    def say(collection: str, done: int, of: int) -> None:
        now = time.monotonic()
        if done == of or now - said[0] >= _EVERY_SECONDS:
            said[0] = now
            click.echo(f"  {collection:<20} {done:>12,} of {of:,}", err=True)

    return say
