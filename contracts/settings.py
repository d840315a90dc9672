"""Settings: the only reader of the environment. Every name starts with `FOOTFALL_`.

A value may come from a file instead: `FOOTFALL_X_FILE` holds the path of a file with the value of `FOOTFALL_X`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path


class SettingsError(ValueError):
    """A setting is missing, empty or not of its type; the message names it and the fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; the environment name is `FOOTFALL_` + the field's name in capitals."""

    home: Path = Path(".footfall")
    """What set-up makes and every stack of this checkout shares: programs, jars, class archives."""
    data: Path = Path(".footfall/data")
    """What one running stack writes: databases, the broker's log, the archive, Airflow, logs."""
    # engines
    kafka_bootstrap: str = "127.0.0.1:19092"
    mongo_uri: str = "mongodb://127.0.0.1:27117/?replicaSet=rs0"
    backup_mongo_uri: str = "mongodb://127.0.0.1:27118/?directConnection=true"
    database: str = "footfall"
    lake_catalog_type: str = "jdbc"
    lake_catalog_uri: str = "jdbc:sqlite:.footfall/data/lake/catalog.db"
    lake_warehouse: str = ".footfall/data/lake/warehouse"
    topic_partitions: int = 6
    topic_replication: int = 1
    # secrets
    key_secrets: str = field(default="", repr=False)
    app_secret: str = field(default="", repr=False)
    erasure_secrets: str = field(default="", repr=False)
    # the stack on one machine; of collectors and apps the second has the port after the first's
    kafka_controller_port: int = 19093
    airflow_port: int = 8080
    supervisor_port: int = 9801
    demo_shop_port: int = 8820
    # collector
    collector_host: str = "127.0.0.1"
    collector_port: int = 8801
    collector_metrics_port: int = 8803
    tracker_file: Path = Path("tracker/dist/footfall.js")
    tracker_path: str = "/footfall.js"
    delivery_timeout_seconds: float = 15.0
    slow_client_seconds: float = 30.0
    key_messages_per_second: int = 20_000
    address_requests_per_second: int = 500
    # report app
    app_host: str = "127.0.0.1"
    app_port: int = 8811
    public_collector_url: str = "http://127.0.0.1:8800"
    public_app_url: str = "http://127.0.0.1:8810"
    secure_cookies: bool = False
    # streams of open pages
    live_host: str = "127.0.0.1"
    live_port: int = 8815
    live_streams: int = 2_000
    live_streams_per_user: int = 20
    live_check_seconds: float = 60.0
    # webhooks
    webhook_timeout_seconds: float = 5.0
    webhook_private_addresses: bool = False
    webhook_actions_per_hour: int = 60
    # batches
    batch_max_messages: int = 200_000
    wake_after_seconds: float = 2.0
    lease_seconds: int = 60
    driver_batches: int = 50
    day_round_max_scopes: int = 5_000
    day_pace_factor: float = 9.0
    request_quota_per_hour: int = 60
    inbox_documents_per_cause: int = 1_000
    # backups
    snapshot_window_seconds: int = 1_800
    dump_folder: str = ".footfall/data/dumps"
    backup_shrink_share: float = 0.3
    backup_rehearsed_merchants: int = 3
    # archive
    archive_small_files: int = 300
    archive_snapshot_hours: int = 3
    archive_orphan_hours: int = 72
    archive_copy: str = ""
    erasure_margin_seconds: int = 3_600
    # limits of promises
    promise_freshness_seconds: int = 300
    promise_lag_seconds: int = 151_200
    promise_backup_hours: int = 26
    promise_decisions_seconds: int = 900
    promise_rejected_share: float = 0.1
    promise_shop_rejected_share: float = 0.2
    promise_free_share: float = 0.1
    promise_erasure_hours: int = 24
    # alerts
    alert_smtp_host: str = ""
    alert_smtp_port: int = 587
    alert_smtp_tls: str = "starttls"
    alert_smtp_user: str = ""
    alert_smtp_password: str = field(default="", repr=False)
    alert_mail_from: str = ""
    alert_mail_to: str = ""
    alert_webhook_url: str = field(default="", repr=False)
    alert_webhook_secret: str = field(default="", repr=False)
    alert_webhook_private_address: bool = False
    alert_hold_seconds: int = 900
    # Airflow's own database and logs
    airflow_keep_days: int = 30
    airflow_database: str = field(default="", repr=False)
    # tests only: a folder; while it holds a file named like a checkpoint, a job waits there
    pause_folder: str = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, str) and not value and item.default != "":
                raise SettingsError(f"FOOTFALL_{item.name.upper()} is empty: give it a value or unset it.")

    def secrets_by_id(self) -> dict[str, bytes]:
        """Signing secrets of write keys, newest first: `id:hex,id:hex`.

        Raises SettingsError when there is none, or one is shorter than 16 bytes.
        """
        return _secrets_of("FOOTFALL_KEY_SECRETS", self.key_secrets)

    def erasure_secrets_by_id(self) -> dict[str, bytes]:
        """The same for the keys under which people were forgotten."""
        return _secrets_of("FOOTFALL_ERASURE_SECRETS", self.erasure_secrets)


def _secrets_of(name: str, pairs: str) -> dict[str, bytes]:
    secrets: dict[str, bytes] = {}
    for pair in filter(None, pairs.split(",")):
        id_, _, value = pair.strip().partition(":")
        try:
            secrets[id_] = bytes.fromhex(value)
        except ValueError as error:
            raise SettingsError(f"{name}: secret {id_!r} is not hexadecimal.") from error
        if not id_ or len(secrets[id_]) < 16:
            raise SettingsError(f"{name}: each secret needs an id and at least 16 bytes.")
    if not secrets:
        raise SettingsError(f"{name} is empty: set it to `id:hex`, at least 16 bytes.")
    return secrets


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`; unknown `FOOTFALL_` names and values of a wrong type raise SettingsError."""
    known = {f"FOOTFALL_{item.name.upper()}": item for item in fields(Settings)}
    values: dict[str, object] = {}
    for name, text in environment.items():
        if not name.startswith("FOOTFALL_"):
            continue
        if name.endswith("_FILE") and name not in known:
            name, text = name.removesuffix("_FILE"), _file_text(name, text)
        if name not in known:
            raise SettingsError(f"{name} is not a setting: see docs/operations.md for those that exist.")
        values[known[name].name] = _typed(name, text, type(known[name].default))
    return Settings(**values)  # type: ignore[arg-type]


def _file_text(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingsError(f"{name}: cannot read {path}: {error.strerror}.") from error


def _typed(name: str, text: str, kind: type) -> object:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise SettingsError(f"{name} must be true or false, not {text!r}.")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be of type {kind.__name__}, not {text!r}.") from error


@cache
def settings() -> Settings:
    """The settings of this process, read once from its environment."""
    return read_settings(os.environ)
