"""Named places at which a test can hold a job: between two writes that must be safe apart."""

import time
from pathlib import Path

from contracts.settings import settings

BEFORE_ARCHIVE = "before_archive"
BEFORE_ORDERS = "before_orders"
BEFORE_REPORTS = "before_reports"
BEFORE_COMMIT = "before_commit"


def checkpoint(name: str) -> None:
    """Waits while the pause folder holds a file of this name; without the setting it is nothing."""
    if not settings().pause_folder:
        return
    gate = Path(settings().pause_folder) / name
    if gate.exists():
        gate.with_name(f"{name}.reached").touch()
    while gate.exists():
        time.sleep(0.05)
