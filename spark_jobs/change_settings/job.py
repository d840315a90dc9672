"""change_settings: reports of shops under their next settings, beside those that readers see; then the switch."""

import logging
from datetime import UTC, datetime

from contracts.ledger import Touched
from contracts.names import Job
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.change_settings.building import build
from spark_jobs.change_settings.ordered import take_next
from spark_jobs.change_settings.switching import remove_former, reports_of, switch
from spark_jobs.failures import run_job

log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.CHANGE_SETTINGS, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    """One shop after the other, those first that were ordered first; a replay announces once more what it had changed."""
    database = attempt.database
    touched: list[Touched] = list(attempt.entry.document.get("touched", []))
    remove_former(database, datetime.now(UTC))
    while merchant := take_next(database):
        attempt.entry.hold()
        is_built = build(attempt, merchant)
        attempt.entry.hold()
        if is_built and switch(database, merchant, datetime.now(UTC)):
            touched.append(Touched(merchant=merchant.id, reports=reports_of(database, merchant)))
    return Worked(touched)


if __name__ == "__main__":
    run_job(main)
