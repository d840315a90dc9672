#!/usr/local/bin/python3
"""Health check of a container: `healthy URL [COMPONENT]`.

Exit status 0 where the address answers with a 2xx; with a component, where Airflow's health document calls it healthy.
"""

import json
import sys
from urllib.request import urlopen

_SECONDS = 5


def main(url: str, component: str | None = None) -> int:
    try:
        with urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 the address is the compose file's
            content = answer.read()
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1
    if component is None:
        return 0
    status = json.loads(content).get(component, {}).get("status")
    sys.stderr.write(f"{component}: {status}\n")
    return 0 if status == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
