"""What a batch costs when there were many before it: CPU seconds of the driver, beside one of the first."""

import statistics
import subprocess
import time
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from bench.batch import HOURS, first_instant, measure
from bench.tables import Figures
from contracts.names import Collection, DagId
from contracts.settings import Settings
from stack.airflow_api import AirflowApi
from stack.imports.sending import Door
from stack.local import ROOT, program_environment
from stack.waiting import wait_until

EVENTS, SAMPLES, WARM = 200, 3, 3
MAINTAIN_SECONDS = 900.0


def growth_table(batches: int) -> Figures:
    how = (
        f"{SAMPLES} batches of {EVENTS} events each time, of the hours of the newest batches before, by a driver that stands "
        f"and had worked on {WARM} others; the median of its CPU. "
        f"The {batches:,} batches before were not sent: their rows and entries were written as they stand after so many "
        "(bench/filling.py), the newest 300 one after the other and not compacted, which is the most that upkeep lets wait. "
        "The last row is after a round of `maintain_archive`."
    )
    return Figures("A batch after many", ("batches before", "CPU", "elapsed", "ratio of CPU"), how)


def measure_growth(
    settings: Settings, database: Database[dict[str, Any]], door: Door, batches: int, merchant: str
) -> Figures:
    table = growth_table(batches)
    for number in range(WARM):
        measure(settings, database, door, EVENTS - 1 - number, settings.data)
    first = _samples(settings, database, door, 0)
    table.rows.append(_row("the first", first, first))
    _fill(settings, batches, merchant)
    table.rows.append(_row(f"{batches:,}", _samples(settings, database, door, 1), first))
    _maintain(settings, database)
    table.rows.append(_row(f"{batches:,}, compacted", _samples(settings, database, door, 2), first))
    return table


def _samples(settings: Settings, database: Database[dict[str, Any]], door: Door, place: int) -> tuple[float, float]:
    """Median CPU and elapsed seconds. Messages differ in their number, so that no two batches hold copies."""
    counts = [EVENTS + place * SAMPLES + number for number in range(SAMPLES)]
    found = [measure(settings, database, door, count, settings.data) for count in counts]
    return statistics.median(one.cpu for one in found), statistics.median(one.elapsed for one in found)


def _row(name: str, measured: tuple[float, float], first: tuple[float, float]) -> list[str]:
    return [name, f"{measured[0]:.1f} s", f"{measured[1]:.1f} s", f"{measured[0] / first[0]:.2f}"]


def _fill(settings: Settings, batches: int, merchant: str) -> None:
    until = first_instant() + timedelta(hours=HOURS)
    words = ["--batches", str(batches), "--merchant", merchant, "--until", until.isoformat()]
    submit = ["spark-submit", "--master", "local[*]", str(ROOT / "bench" / "filling.py"), *words]
    subprocess.run(submit, env=program_environment(settings), cwd=ROOT, check=True, timeout=MAINTAIN_SECONDS)


def _maintain(settings: Settings, database: Database[dict[str, Any]]) -> None:
    """A run now; raises where it does not come to its end."""
    began = time.time()
    AirflowApi(settings).trigger(DagId.MAINTAIN_ARCHIVE)
    done = {"dag": DagId.MAINTAIN_ARCHIVE, "state": "committed"}
    if not wait_until(lambda: database[Collection.BATCHES].find_one(done) is not None, MAINTAIN_SECONDS):
        raise RuntimeError(f"maintain_archive did not end in {time.time() - began:.0f} s.")
