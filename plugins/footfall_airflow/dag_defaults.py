"""What every DAG of Footfall has in common, and what those have that the clock wakes."""

from datetime import timedelta
from typing import Any

from airflow.timetables.trigger import CronTriggerTimetable

DAG_DEFAULTS: dict[str, Any] = {
    "catchup": False,
    "is_paused_upon_creation": False,
    "default_args": {
        "owner": "footfall",
        # an outage of half a minute is ridden out within the run; after that a later run takes the batch over
        "retries": 4,
        "retry_delay": timedelta(seconds=2),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=1),
    },
}


def by_the_clock(cron: str) -> CronTriggerTimetable:
    """At these times, UTC. A platform that was just made waits for the next one; Airflow would make up for the last one, if
    that was not long ago, and start a night's work beside everything else.
    """
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta(0))
