"""Every program of the stack, and every port with the setting that moves it."""

from collections.abc import Iterator

from contracts.settings import Settings
from stack.addresses import port_of_bootstrap, port_of_mongo, port_of_url
from stack.parts import airflow, engines, front, nginx, spark
from stack.parts.program import Program


def stack_programs(settings: Settings) -> list[Program]:
    """What `footfall up` starts."""
    return [
        *engines.programs(settings),
        *front.programs(settings),
        *nginx.programs(settings),
        *airflow.programs(settings),
        *spark.programs(settings),
    ]


def all_programs(settings: Settings) -> list[Program]:
    """These, and the demo's shop pages."""
    return [*stack_programs(settings), front.demo_shop(settings)]


def ports(settings: Settings) -> Iterator[tuple[int, str, str]]:
    """(port, part, name of the setting) of every port on which the stack listens."""
    yield port_of_bootstrap(settings.kafka_bootstrap), "kafka", "FOOTFALL_KAFKA_BOOTSTRAP"
    yield settings.kafka_controller_port, "kafka", "FOOTFALL_KAFKA_CONTROLLER_PORT"
    yield port_of_mongo(settings.mongo_uri), "mongo", "FOOTFALL_MONGO_URI"
    yield port_of_mongo(settings.backup_mongo_uri), "backup-mongo", "FOOTFALL_BACKUP_MONGO_URI"
    for number in front.INSTANCES:
        yield settings.collector_port + number - 1, f"collector-{number}", "FOOTFALL_COLLECTOR_PORT"
        if settings.collector_metrics_port:
            metrics_port = settings.collector_metrics_port + number - 1
            yield metrics_port, f"collector-{number}", "FOOTFALL_COLLECTOR_METRICS_PORT"
        yield settings.app_port + number - 1, f"app-{number}", "FOOTFALL_APP_PORT"
        yield settings.live_port + number - 1, f"live-{number}", "FOOTFALL_LIVE_PORT"
    if nginx.program() is not None:
        yield port_of_url(settings.public_collector_url), "nginx", "FOOTFALL_PUBLIC_COLLECTOR_URL"
        yield port_of_url(settings.public_app_url), "nginx", "FOOTFALL_PUBLIC_APP_URL"
    yield settings.airflow_port, "airflow-api-server", "FOOTFALL_AIRFLOW_PORT"
    yield settings.supervisor_port, "supervisor", "FOOTFALL_SUPERVISOR_PORT"
    yield settings.demo_shop_port, front.DEMO_SHOP, "FOOTFALL_DEMO_SHOP_PORT"
