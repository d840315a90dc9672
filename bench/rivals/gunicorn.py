"""Debian's gunicorn with this environment's Python and Flask: `python -m bench.rivals.gunicorn <gunicorn's own words>`."""

import sys
from pathlib import Path

DEBIAN = Path("/usr/lib/python3/dist-packages")


def is_installed() -> bool:
    return (DEBIAN / "gunicorn").is_dir()


if __name__ == "__main__":
    sys.path.append(str(DEBIAN))
    from gunicorn.app.wsgiapp import run

    run()
