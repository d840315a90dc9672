"""The two ways a job fails, and the exit status that tells Airflow which."""

import logging
import sys
from collections.abc import Callable

from contracts.names import ExitStatus
from spark_jobs.world import is_world_away

log = logging.getLogger("footfall.job")


class TransientError(RuntimeError):
    """The world is away: the same work may succeed later."""


class PermanentError(RuntimeError):
    """Trying again is pointless."""


class StaleAttempt(PermanentError):
    """Another attempt holds the batch: this one has nothing left to do."""


def log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)


def run_job(main: Callable[[], None]) -> None:
    """Runs `main` and ends the process with its exit status; every failure is logged with what to do."""
    log_to_stderr()
    try:
        main()
    except StaleAttempt as error:
        log.warning("%s", error)
        sys.exit(ExitStatus.DONE)
    except TransientError as error:
        log.error("The range is kept and tried again: %s", error)
        sys.exit(ExitStatus.TRY_LATER)
    except Exception as error:
        if is_world_away(error):
            log.exception("A service this job needs is away; the range is kept and tried again.")
            sys.exit(ExitStatus.TRY_LATER)
        log.exception("The job failed; see the lines below for the cause.")
        sys.exit(ExitStatus.PERMANENT)
