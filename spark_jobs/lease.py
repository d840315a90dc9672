"""Keeps a ledger entry's lease alive while its job runs, from a thread of its own."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError

from spark_jobs.ledger import LedgerEntry

log = logging.getLogger("footfall.job")
_RENEWALS_A_LEASE = 6


@contextmanager
def kept_lease(entry: LedgerEntry, lease_seconds: int) -> Iterator[None]:
    """Renews at once and then six times a lease; a job that has been taken over no longer renews."""
    done = threading.Event()

    def renew() -> None:
        while True:
            try:
                entry.renew(datetime.now(UTC) + timedelta(seconds=lease_seconds))
            except PyMongoError as error:
                log.warning("The lease of %s was not renewed: %s", entry.key, error)
            if done.wait(lease_seconds / _RENEWALS_A_LEASE):
                return

    keeper = threading.Thread(target=renew, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join(5)
