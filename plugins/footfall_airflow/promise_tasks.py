"""The tasks of `watch_promises`. Imports are inside the tasks so that parsing a DAG stays light."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from contracts.completeness import check_contracts
from contracts.promises import CheckName
from contracts.settings import settings

if TYPE_CHECKING:
    from pymongo.database import Database

    from footfall_airflow.promises import Verdict

log = logging.getLogger("footfall.promises")


@task
def check_books() -> None:
    """Fails with a sentence for each merchant and hour whose books do not add up."""
    from footfall_airflow.books import look_at_books
    from footfall_airflow.promises import judge

    with _opened() as database:
        now = datetime.now(UTC)
        looks = look_at_books(database, now)
        log.info("Looked at the books of %d hours.", len(looks))
        _tell([judge(database, CheckName.BOOKS, looks, now)])


@task
def check_limits() -> None:
    """Fails with a sentence for each check of the table whose limit is passed."""
    from footfall_airflow.limits import World, look_at_limits
    from footfall_airflow.offsets import Broker
    from footfall_airflow.promises import judge

    with _opened() as database:
        now = datetime.now(UTC)
        looks = look_at_limits(World(database, Broker(settings().kafka_bootstrap), now), settings())
        _tell([judge(database, name, found, now) for name, found in looks.items()])


@task
def check_rebuilds() -> None:
    """Fails with a sentence for each report that could not be rebuilt."""
    from footfall_airflow.failed_rebuilds import look_at_rebuilds
    from footfall_airflow.promises import judge

    with _opened() as database:
        _tell([judge(database, CheckName.REBUILDS, look_at_rebuilds(database), datetime.now(UTC))])


@task
def check_backups() -> None:
    """Fails with a sentence for each line of backups that is late, not whole, or away."""
    from footfall_airflow.backup_checks import look_at_backups
    from footfall_airflow.promises import judge

    with _opened() as database:
        now = datetime.now(UTC)
        _tell([judge(database, CheckName.BACKUPS, look_at_backups(database, settings(), now), now)])


@contextmanager
def _opened() -> "Iterator[Database[dict[str, Any]]]":
    from footfall_airflow.database import open_database

    check_contracts()
    with open_database(settings()) as database:
        yield database


def _tell(verdicts: "list[Verdict]") -> None:
    """Says what broke and what mended, each once; the task is red while anything is broken."""
    for verdict in verdicts:
        for sentence in verdict.broke:
            log.error("Broken: %s", sentence)
        for sentence in verdict.mended:
            log.info("Mended: %s", sentence)
    broken = [sentence for verdict in verdicts for sentence in verdict.broken]
    more = sum(verdict.count for verdict in verdicts) - len(broken)
    if broken:
        raise AirflowFailException("\n".join(broken + ([f"And {more} more."] if more else [])))
