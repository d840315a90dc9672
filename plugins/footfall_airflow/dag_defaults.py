"""What every DAG of Footfall has in common."""

from datetime import timedelta
from typing import Any

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
