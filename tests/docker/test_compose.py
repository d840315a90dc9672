"""The compose file, read as YAML: this project's machines have no engine that could run it."""

import re
from pathlib import Path

import pytest
import yaml

from contracts.settings import read_settings
from stack.jars import declared_checksums

FOLDER = Path(__file__).parents[2] / "docker"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
EXAMPLE = (FOLDER / ".env.example").read_text()
EXAMPLE_VALUES = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
SECRETS = {name for name, value in EXAMPLE_VALUES.items() if not value}
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("footfall-")]
ON_DEMAND = {"prepare", "commands"}
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[?-])?([^}]*)\}")


def environment(name, given):
    def value(found):
        return given.get(found[1]) or (found[3] if found[2] == ":-" else "")

    declared = SERVICES[name].get("environment", {})
    return {variable: VARIABLE.sub(value, text) for variable, text in declared.items()}


def test_the_whole_platform_is_there():
    front = {f"{part}-{number}" for part in ("collector", "app", "live") for number in (1, 2)}
    airflow = {f"airflow-{part}" for part in ("api-server", "dag-processor", "scheduler", "triggerer")}
    assert set(SERVICES) == {"kafka", "mongo", "backup-mongo", "postgres", "nginx"} | front | airflow | ON_DEMAND


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_that_programs_know(name):
    filled = EXAMPLE_VALUES | {"FOOTFALL_KEY_SECRETS": f"k1:{'ab' * 16}", "FOOTFALL_APP_SECRET": "s" * 32}
    settings = read_settings(environment(name, filled))
    assert settings.secrets_by_id() and settings.kafka_bootstrap == "kafka:9092"


def test_secrets_come_from_outside():
    text = (FOLDER / "compose.yaml").read_text()
    used = {name: operator for name, operator, _ in VARIABLE.findall(text)}
    assert set(used) == set(EXAMPLE_VALUES)
    assert {name for name, operator in used.items() if operator == ":?"} == SECRETS
    assert not re.findall(r"(?i)(?:password|secret\w*|fernet_key): (?!\$\{)", text)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ON_DEMAND))
def test_a_service_that_runs_says_whether_it_is_well(name):
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_can_become_ready(name):
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        is_job = wanted["condition"] == "service_completed_successfully"
        assert other in ON_DEMAND if is_job else "healthcheck" in SERVICES[other]


def test_nothing_is_published_beyond_this_machine():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published and all(port.startswith("127.0.0.1:") for port in published)


def test_every_named_volume_is_used_and_declared():
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_the_proxy_knows_the_services():
    text = (FOLDER / "nginx" / "nginx.conf").read_text()
    assert set(re.findall(r"server ([a-z0-9-]+):", text)) == {
        f"{part}-{number}" for part in ("collector", "app", "live") for number in (1, 2)
    }


def test_the_broker_has_the_version_of_the_local_stack():
    jar = next(name for name in declared_checksums("kafka") if name.startswith("kafka_2.13-"))
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{jar.removeprefix('kafka_2.13-').removesuffix('.jar')}"


def test_images_have_versions():
    others = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    assert all(":" in image and not image.endswith(":latest") for image in others)
