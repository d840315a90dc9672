"""`python -m collector`: one Granian worker on the host and port of the settings."""

import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from collector.log import LOGGING
from contracts.completeness import IncompleteContract, check_contracts
from contracts.settings import SettingsError

MAX_REQUESTS_AT_ONCE = 1_024


def main() -> None:
    try:
        settings = check_contracts()
        settings.secrets_by_id()
    except (IncompleteContract, SettingsError) as error:
        sys.exit(f"The collector does not start: {error}")
    Granian(
        "collector.app:app",
        address=settings.collector_host,
        port=settings.collector_port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=MAX_REQUESTS_AT_ONCE,
        workers_kill_timeout=int(settings.delivery_timeout_seconds) + 5,
        http1_settings=HTTP1Settings(header_read_timeout=int(settings.slow_client_seconds * 1000)),
        log_dictconfig=LOGGING,
    ).serve()


if __name__ == "__main__":
    main()
