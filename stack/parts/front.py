"""What merchants and their shops talk to: collectors, report apps, streams of open pages, and the demo's shop pages."""

import sys
from pathlib import Path

from contracts.settings import Settings
from stack.parts.program import Group, Program, answers

INSTANCES = (1, 2)
DEMO_SHOP = "demo-shop"


def programs(settings: Settings) -> list[Program]:
    collectors = [_collector(number, settings.collector_port + number - 1, settings) for number in INSTANCES]
    apps = [_app(number, settings.app_port + number - 1, settings) for number in INSTANCES]
    streams = [_live(number, settings.live_port + number - 1, settings) for number in INSTANCES]
    return [*collectors, *apps, *streams]


def _collector(number: int, port: int, settings: Settings) -> Program:
    url = f"http://{settings.collector_host}:{port}"
    return Program(
        name=f"collector-{number}",
        group=Group.FRONT,
        command=[sys.executable, "-m", "collector"],
        environment={"FOOTFALL_COLLECTOR_PORT": str(port)} | _metrics_port(number, settings),
        address=url,
        is_well=lambda: answers(f"{url}/ready"),
        stop_seconds=int(settings.delivery_timeout_seconds) + 10,
    )


def _metrics_port(number: int, settings: Settings) -> dict[str, str]:
    first = settings.collector_metrics_port
    return {"FOOTFALL_COLLECTOR_METRICS_PORT": str(first + number - 1)} if first else {}


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


def _live(number: int, port: int, settings: Settings) -> Program:
    """Every stream is a request that stays: hence room for more of them than are let in, and no wait for their end."""
    url = f"http://{settings.live_host}:{port}"
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--factory"]
    place = ["--host", settings.live_host, "--port", str(port), "--no-ws"]
    room = ["--backlog", "2048", "--backpressure", str(settings.live_streams + 200), "--workers-kill-timeout", "1"]
    return Program(
        name=f"live-{number}",
        group=Group.FRONT,
        command=[*granian, *place, *room, "report_app.live:create_app"],
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
