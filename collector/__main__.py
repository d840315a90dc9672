"""`python -m collector`: one process on the host and port of the settings."""

import logging.config
import sys
from collections.abc import Callable

import uvloop

from collector.app import Collector
from collector.log import LOGGING
from collector.process import Process
from collector.serving.app import App
from collector.serving.server import Server
from contracts.completeness import IncompleteContract, check_contracts
from contracts.settings import Settings, SettingsError, settings

_DO_NOT_HOLD = (IncompleteContract, SettingsError)


def checked_settings() -> Settings:
    """The settings as they are now. Raises IncompleteContract or SettingsError."""
    settings.cache_clear()
    found = check_contracts()
    found.secrets_by_id()
    return found


def main(app_of: Callable[[Settings, Process], App] = Collector) -> None:
    """Until it is told to stop."""
    logging.config.dictConfig(LOGGING)
    try:
        found = checked_settings()
    except _DO_NOT_HOLD as error:
        sys.exit(f"The collector does not start: {error}")
    process = Process(found)
    try:
        process.open()
        uvloop.run(_serve(app_of, found, process))
    except OSError as error:
        sys.exit(f"The collector does not start: {error}")
    finally:
        process.close()


async def _serve(app_of: Callable[[Settings, Process], App], found: Settings, process: Process) -> None:
    server = Server(lambda: app_of(checked_settings(), process), found, _DO_NOT_HOLD)
    process.metrics.gauge("connections", "Connections of clients.", lambda: len(server.connections))
    await server.run()


if __name__ == "__main__":
    main()
