"""What merchants and their shops talk to: two collectors, two report apps, and the demo's shop pages."""

import sys
from pathlib import Path

from contracts.settings import Settings
from stack.parts.program import Group, Program, answers

INSTANCES = (1, 2)
DEMO_SHOP = "demo-shop"


def programs(settings: Settings) -> list[Program]:
    collectors = [_collector(number, settings.collector_port + number - 1, settings) for number in INSTANCES]
    apps = [_app(number, settings.app_port + number - 1, settings) for number in INSTANCES]
    return [*collectors, *apps]


def _collector(number: int, port: int, settings: Settings) -> Program:
    url = f"http://{settings.collector_host}:{port}"
    return Program(
        name=f"collector-{number}",
        group=Group.FRONT,
        command=[sys.executable, "-m", "collector"],
        environment={"FOOTFALL_COLLECTOR_PORT": str(port)},
        address=url,
        is_well=lambda: answers(f"{url}/ready"),
        stop_seconds=int(settings.delivery_timeout_seconds) + 10,
    )


def _app(number: int, port: int, settings: Settings) -> Program:
    url = f"http://{settings.app_host}:{port}"
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--factory"]
    place = ["--host", settings.app_host, "--port", str(port), "--no-ws", "--blocking-threads", "4"]
    return Program(
        name=f"app-{number}",
        group=Group.FRONT,
        command=[*granian, *place, "--workers-kill-timeout", "10", "report_app:create_app"],
        environment={"FOOTFALL_APP_PORT": str(port)},
        address=url,
        is_well=lambda: answers(f"{url}/ready"),
    )


def demo_shop(settings: Settings) -> Program:
    url = f"http://127.0.0.1:{settings.demo_shop_port}"
    return Program(
        name=DEMO_SHOP,
        group=Group.FRONT,
        command=[sys.executable, "-m", "stack.demo.shop_page", "--port", str(settings.demo_shop_port)],
        address=url,
        is_well=lambda: answers(f"{url}/health"),
    )
