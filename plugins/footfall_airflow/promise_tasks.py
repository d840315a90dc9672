"""The tasks of `watch_promises`. Imports are inside the tasks so that parsing a DAG stays light."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

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


@task
def check_rejected() -> None:
    """Fails with a sentence for the platform, or for each shop, of whose messages too many are rejected."""
    from footfall_airflow.promises import judge
    from footfall_airflow.rejected_shares import look_at_rejected

    with _opened() as database:
        now = datetime.now(UTC)
        _tell([judge(database, CheckName.REJECTED, look_at_rejected(database, settings(), now), now)])


@task
def check_disks() -> None:
    """Fails with a sentence for each disk that has less free space than it should."""
    from footfall_airflow.disks import look_at_disks
    from footfall_airflow.promises import judge

    with _opened() as database:
        looks = look_at_disks(database, settings())
        _tell([judge(database, CheckName.DISK, looks, datetime.now(UTC))])


@task
def send_alerts() -> None:
    """Tells of what broke and what has mended; fails where a road did not take it, so that it is asked again soon."""
    from footfall_airflow.alert_outbox import put_alert
    from footfall_airflow.alert_roads import open_roads
    from footfall_airflow.alert_sending import send_due, unsent

    with _opened() as database:
        roads = open_roads(settings())
        hold = timedelta(seconds=settings().alert_hold_seconds)
        alert = put_alert(database, roads, hold, datetime.now(UTC))
        if alert:
            log.info("Alert %s: %d broke, %d mended.", alert["_id"], alert["broke_count"], alert["mended_count"])
        send_due(database, roads, lambda: datetime.now(UTC))
        failures = unsent(database, roads, datetime.now(UTC))
    if failures:
        raise AirflowException("\n".join(failures))


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
