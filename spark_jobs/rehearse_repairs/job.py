"""rehearse_repairs: what the rules that people ask about would change, one after the other; it changes nothing."""

import logging

from contracts.names import Job
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.failures import run_job
from spark_jobs.rehearse_repairs.rehearsing import rehearse
from spark_jobs.rehearse_repairs.waiting import finish, take_next

MOST_IN_A_ROUND = 20
log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.REHEARSE_REPAIRS, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    """What is left after so many is the next round's."""
    for _ in range(MOST_IN_A_ROUND):
        attempt.entry.hold()
        rehearsal = take_next(attempt.database)
        if rehearsal is None:
            break
        result = rehearse(attempt.spark, attempt.database, rehearsal)
        attempt.entry.hold()
        finish(attempt.database, rehearsal, result)
        log.info(
            "rehearsal=%s messages=%d days=%d", rehearsal["_id"], result["messages"]["looked_at"], len(result["days"])
        )
    return Worked([])


if __name__ == "__main__":
    run_job(main)
