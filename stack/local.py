"""The settings of one stack on this machine: where its files are, which secrets it has, what its programs are told."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from contracts.settings import Settings, read_settings
from stack import secret_files
from stack.addresses import free_ports
from stack.parts import airflow, nginx, spark

ROOT = Path(__file__).parents[1]
_DEFAULTS = Settings()
_SECRETS = ("key_secrets", "app_secret", "erasure_secrets")
_GIVEN_SECRETS = ("alert_smtp_password", "alert_webhook_url", "alert_webhook_secret", "airflow_database")
"""Those that nobody can make: kept in files where they are given."""
_RECORD = "stack.json"


def local_settings(environment: Mapping[str, str]) -> Settings:
    """Settings with absolute paths, the archive among the stack's own files, and its secrets; these are made once.

    Raises SettingsError.
    """
    given = read_settings(environment)
    home, data = (ROOT / given.home).resolve(), (ROOT / given.data).resolve()
    lake = {
        "lake_catalog_uri": f"jdbc:sqlite:{data}/lake/catalog.db",
        "lake_warehouse": f"{data}/lake/warehouse",
        "dump_folder": f"{data}/dumps",
    }
    own = {name: value for name, value in (lake | _addresses(given)).items() if _is_default(given, name)}
    wanted = [*_SECRETS, *_given_secrets(given)]
    secrets = {name: secret_files.read(data, name, getattr(given, name)) for name in wanted}
    values: dict[str, Any] = {"home": home, "data": data, "tracker_file": ROOT / given.tracker_file}
    return replace(given, **values | own | secrets)


def _given_secrets(given: Settings) -> list[str]:
    return [name for name in _GIVEN_SECRETS if getattr(given, name)]


def _addresses(given: Settings) -> dict[str, str]:
    """Without NGINX the first collector and the first app are the public ones."""
    if nginx.program() is not None:
        return {}
    return {
        "public_collector_url": f"http://127.0.0.1:{given.collector_port}",
        "public_app_url": f"http://127.0.0.1:{given.app_port}",
    }


def _is_default(given: Settings, name: str) -> bool:
    return bool(getattr(given, name) == getattr(_DEFAULTS, name))


def settings_as_environment(settings: Settings) -> dict[str, str]:
    """`FOOTFALL_…` of every setting; secrets by the names of their files."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    texts = {
        f"FOOTFALL_{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if name not in (*_SECRETS, *_GIVEN_SECRETS) and value != ""
    }
    secrets = (*_SECRETS, *_given_secrets(settings))
    files = {f"FOOTFALL_{name.upper()}_FILE": str(secret_files.path(settings.data, name)) for name in secrets}
    return texts | files


def program_environment(settings: Settings) -> dict[str, str]:
    """What every program of the stack is started with; our own `spark-submit` comes first on its path."""
    ours = ("FOOTFALL_", "AIRFLOW", "SPARK_", "PYSPARK_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    path = [ROOT / "stack" / "bin", Path(sys.executable).parent, inherited.get("PATH", os.defpath), "/usr/sbin"]
    return {
        **inherited,
        **settings_as_environment(settings),
        **airflow.environment(settings),
        **spark.environment(settings),
        "PATH": ":".join(str(folder) for folder in path),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
        "PYTHONUNBUFFERED": "1",
    }


def record(settings: Settings) -> None:
    """Keeps the settings beside what the stack writes, so that every later command finds the same stack."""
    (settings.data / _RECORD).write_text(json.dumps(settings_as_environment(settings), indent=1))


def recorded_settings(environment: Mapping[str, str]) -> Settings:
    """The settings with which the stack in `FOOTFALL_DATA` was started last; those of `environment` where there is none."""
    file = (ROOT / environment.get("FOOTFALL_DATA", _DEFAULTS.data)).resolve() / _RECORD
    return local_settings(json.loads(file.read_text()) if file.exists() else environment)


def environment_on_free_ports(data: Path) -> dict[str, str]:
    """`FOOTFALL_…` of a stack beside others: its own folder, and ports that are free now."""
    singles = iter(free_ports(8))
    collectors, metrics, apps, streams = free_ports(4, in_a_row=2)
    addresses = {
        "KAFKA_BOOTSTRAP": f"127.0.0.1:{next(singles)}",
        "KAFKA_CONTROLLER_PORT": next(singles),
        "MONGO_URI": f"mongodb://127.0.0.1:{next(singles)}/?replicaSet=rs0",
        "BACKUP_MONGO_URI": f"mongodb://127.0.0.1:{next(singles)}/?directConnection=true",
        "AIRFLOW_PORT": next(singles),
        "SUPERVISOR_PORT": next(singles),
        "DEMO_SHOP_PORT": next(singles),
        "COLLECTOR_PORT": collectors,
        "COLLECTOR_METRICS_PORT": metrics,
        "APP_PORT": apps,
        "LIVE_PORT": streams,
    }
    if nginx.program() is not None:
        public, app = free_ports(2)
        addresses |= {"PUBLIC_COLLECTOR_URL": f"http://127.0.0.1:{public}", "PUBLIC_APP_URL": f"http://127.0.0.1:{app}"}
    return {"FOOTFALL_DATA": str(data)} | {f"FOOTFALL_{name}": str(value) for name, value in addresses.items()}
