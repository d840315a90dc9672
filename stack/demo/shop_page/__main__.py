"""Serves the demo's shop pages: `python -m stack.demo.shop_page --port 8820`."""

import argparse

from granian.constants import Interfaces
from granian.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8820)
    place = parser.parse_args()
    Server(
        "stack.demo.shop_page:create_app",
        address=place.host,
        port=place.port,
        interface=Interfaces.WSGI,
        factory=True,
        blocking_threads=2,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
