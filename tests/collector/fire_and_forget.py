"""`python -m tests.collector.fire_and_forget`: a collector that promises what it cannot keep, on the port of the settings."""

from granian import Granian
from granian.constants import Interfaces

from contracts.settings import settings

if __name__ == "__main__":
    Granian(
        "tests.collector.fire_and_forget_app:app", port=settings().collector_port, interface=Interfaces.RSGI
    ).serve()
