"""`python -m collector`: one Granian worker on the host and port of the settings."""

import logging
import sys
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from collector.log import LOGGING, log
from contracts.completeness import IncompleteContract, check_contracts
from contracts.settings import Settings, SettingsError, settings

APP = "collector.app:app"
MAX_REQUESTS_AT_ONCE = 1_024
WORKER_START_SECONDS = 6.0
"""On a reload the old worker goes on for so long beside the new one, whose connections are taken as soon as it is there."""


class Server(Granian):
    """SIGHUP starts a worker that reads settings and secrets anew, and then ends the old one."""

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """Settings that do not hold change nothing: a worker that cannot start would end the whole collector."""
        settings.cache_clear()
        try:
            checked_settings()
        except (IncompleteContract, SettingsError) as problem:
            log("not_reloaded", logging.ERROR, why=str(problem))
            return
        log("reloads")
        super().signal_handler_reload(*args, **kwargs)


def checked_settings() -> Settings:
    """Raises IncompleteContract or SettingsError."""
    found = check_contracts()
    found.secrets_by_id()
    return found


def main() -> None:
    try:
        found = checked_settings()
    except (IncompleteContract, SettingsError) as error:
        sys.exit(f"The collector does not start: {error}")
    serve(APP, found)


def serve(app: str, found: Settings) -> None:
    """Until it is told to stop; `app` is `module:name`."""
    Server(
        app,
        address=found.collector_host,
        port=found.collector_port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=MAX_REQUESTS_AT_ONCE,
        workers_kill_timeout=int(found.delivery_timeout_seconds) + 5,
        respawn_interval=WORKER_START_SECONDS,
        http1_settings=HTTP1Settings(header_read_timeout=int(found.slow_client_seconds * 1000)),
        log_dictconfig=LOGGING,
    ).serve()


if __name__ == "__main__":
    main()
